"""The AutoML methods that describe what is served: models, datasets (one per family) and evaluations."""

from typing import Any

from google.cloud.automl_v1 import types

from lib.serving.api_errors import not_found
from lib.serving.automl.automl_names import (
    parse_evaluation_name,
    parse_location,
    parse_model_name,
    parse_name,
    parse_parent_model,
)
from lib.serving.automl.deployment_states import DeploymentStates
from lib.serving.automl.list_filters import parse_filter, parse_label_filter
from lib.serving.models.served_models import ServedModel
from lib.serving.paging import take_page

# The protobuf messages behind the client's wrappers: the wrappers would only cost time here.
_Model = types.Model.pb()
_Dataset = types.Dataset.pb()
_Evaluation = types.ModelEvaluation.pb()
_ListModelsResponse = types.ListModelsResponse.pb()
_ListDatasetsResponse = types.ListDatasetsResponse.pb()
_ListEvaluationsResponse = types.ListModelEvaluationsResponse.pb()
_STATES = types.Model.DeploymentState
_CLASSIFICATIONS = types.ClassificationType


class Catalog:
    """The served models, available under every project and region."""

    def __init__(self, models: tuple[ServedModel, ...], deployments: DeploymentStates) -> None:
        self._models = {model.model_id: model for model in models}
        # The versions of a family recognize the same labels, so the first one describes the dataset.
        self._families = {model.dataset_id: model for model in reversed(models)}
        self._deployments = deployments

    def get_served(self, name: str) -> ServedModel:
        """Return the model with this resource name. Raises ApiError."""
        model = self._models.get(parse_model_name(name).id)
        if model is None:
            raise not_found("Model", name)
        return model

    def list_models(self, request: Any) -> Any:
        """Answer AutoMl.ListModels."""
        location = parse_location(request.parent, "parent")
        passes = parse_filter(request.filter, "model")
        chosen = [model for model in self._models.values() if passes(model.dataset_id)]
        page, token = take_page(chosen, request.page_size, request.page_token)
        return _ListModelsResponse(model=[self._describe(model, location) for model in page], next_page_token=token)

    def get_model(self, request: Any) -> Any:
        """Answer AutoMl.GetModel."""
        model = self.get_served(request.name)
        return self._describe(model, parse_model_name(request.name).location)

    def list_datasets(self, request: Any) -> Any:
        """Answer AutoMl.ListDatasets."""
        location = parse_location(request.parent, "parent")
        passes = parse_filter(request.filter, "dataset")
        chosen = [model for model in reversed(self._families.values()) if passes(model.dataset_id)]
        page, token = take_page(chosen, request.page_size, request.page_token)
        datasets = [_describe_dataset(model, location) for model in page]
        return _ListDatasetsResponse(datasets=datasets, next_page_token=token)

    def get_dataset(self, request: Any) -> Any:
        """Answer AutoMl.GetDataset."""
        name = parse_name(request.name, "datasets")
        if name.id not in self._families:
            raise not_found("Dataset", request.name)
        return _describe_dataset(self._families[name.id], name.location)

    def list_evaluations(self, request: Any) -> Any:
        """Answer AutoMl.ListModelEvaluations: the overall evaluation and those of labels, in the order of the file."""
        parent = parse_parent_model(request.parent)
        passes = parse_label_filter(request.filter)
        models = tuple(self._models.values()) if parent.id == "-" else (self.get_served(request.parent),)
        chosen = [
            (model, evaluation)
            for model in models
            for evaluation in model.evaluations
            if passes(evaluation.annotation_spec_id)
        ]
        page, token = take_page(chosen, request.page_size, request.page_token)
        named = [
            _with_full_name(evaluation, f"{parent.location}/models/{model.model_id}") for model, evaluation in page
        ]
        return _ListEvaluationsResponse(model_evaluation=named, next_page_token=token)

    def get_evaluation(self, request: Any) -> Any:
        """Answer AutoMl.GetModelEvaluation."""
        parent, evaluation_id = parse_evaluation_name(request.name)
        model_name = f"{parent.location}/models/{parent.id}"
        for evaluation in self.get_served(model_name).evaluations:
            if evaluation.name == evaluation_id:
                return _with_full_name(evaluation, model_name)
        raise not_found("ModelEvaluation", request.name)

    def _describe(self, model: ServedModel, location: str) -> Any:
        # A model that is out of service is reported as undeployed: deploying it again puts it back into service.
        node_count = 0 if model.runner.fault else self._deployments.node_count(model.model_id)
        return _Model(
            name=f"{location}/models/{model.model_id}",
            display_name=model.version,
            dataset_id=model.dataset_id,
            create_time=model.export.changed_at,
            update_time=model.export.changed_at,
            deployment_state=_STATES.DEPLOYED if node_count else _STATES.UNDEPLOYED,
            etag=model.export.etag,
            image_classification_model_metadata={"model_type": model.export.model_type, "node_count": node_count},
        )


def _describe_dataset(model: ServedModel, location: str) -> Any:
    kind = _CLASSIFICATIONS.MULTILABEL if model.multi_label else _CLASSIFICATIONS.MULTICLASS
    return _Dataset(
        name=f"{location}/datasets/{model.dataset_id}",
        display_name=model.family,
        create_time=model.export.changed_at,
        image_classification_dataset_metadata={"classification_type": kind},
    )


def _with_full_name(evaluation: Any, model_name: str) -> Any:
    """Return a copy of the evaluation, named under the project and region of the request."""
    named = _Evaluation()
    named.CopyFrom(evaluation)
    named.name = f"{model_name}/modelEvaluations/{evaluation.name}"
    return named
