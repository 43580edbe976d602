"""Models and datasets, as the API describes them. The dataset of a model stands for its family."""

from typing import Any

from google.cloud.automl_v1 import types

from lib.serving.api_errors import not_found
from lib.serving.automl.deployments import DeploymentMethods
from lib.serving.automl.lists import cut_page, read_filter
from lib.serving.automl.resource_names import read_location, read_model_name, read_name
from lib.serving.models.served_models import ServedModel

# The plain messages behind the client's wrappers, which would cost time and add nothing here.
_Model = types.Model.pb()
_Dataset = types.Dataset.pb()
_ListModelsResponse = types.ListModelsResponse.pb()
_ListDatasetsResponse = types.ListDatasetsResponse.pb()
_STATES = types.Model.DeploymentState
_CLASSIFICATIONS = types.ClassificationType


class Catalog:
    """What the served models are, under any project and region."""

    def __init__(self, models: tuple[ServedModel, ...], deployments: DeploymentMethods) -> None:
        self._models = {model.model_id: model for model in models}
        # Versions of a family are alike in what they recognize: the first one speaks for the dataset.
        self._families = {model.dataset_id: model for model in reversed(models)}
        self._deployments = deployments

    def find_served(self, name: str) -> ServedModel:
        """The model of this resource name. Raises Refused."""
        model = self._models.get(read_model_name(name).id)
        if model is None:
            raise not_found("Model", name)
        return model

    def list_models(self, request: Any) -> Any:
        """Answer AutoMl.ListModels."""
        location = read_location(request.parent, "parent")
        passes = read_filter(request.filter, "model")
        chosen = [model for model in self._models.values() if passes(model.dataset_id)]
        page, token = cut_page(chosen, request.page_size, request.page_token)
        return _ListModelsResponse(model=[self._describe(model, location) for model in page], next_page_token=token)

    def get_model(self, request: Any) -> Any:
        """Answer AutoMl.GetModel."""
        model = self.find_served(request.name)
        return self._describe(model, read_model_name(request.name).location)

    def list_datasets(self, request: Any) -> Any:
        """Answer AutoMl.ListDatasets."""
        location = read_location(request.parent, "parent")
        passes = read_filter(request.filter, "dataset")
        chosen = [model for model in reversed(self._families.values()) if passes(model.dataset_id)]
        page, token = cut_page(chosen, request.page_size, request.page_token)
        datasets = [_describe_dataset(model, location) for model in page]
        return _ListDatasetsResponse(datasets=datasets, next_page_token=token)

    def get_dataset(self, request: Any) -> Any:
        """Answer AutoMl.GetDataset."""
        name = read_name(request.name, "datasets")
        if name.id not in self._families:
            raise not_found("Dataset", request.name)
        return _describe_dataset(self._families[name.id], name.location)

    def _describe(self, model: ServedModel, location: str) -> Any:
        # A model that is out of service is told of as one that must be deployed again.
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
