"""Evaluations of the served models, as the API gives them out."""

from typing import Any

from google.cloud.automl_v1 import types

from lib.serving.api_errors import not_found
from lib.serving.automl.catalog import Catalog
from lib.serving.automl.lists import cut_page, read_label_filter
from lib.serving.automl.resource_names import read_evaluation_name, read_parent_model
from lib.serving.models.served_models import ServedModel

_Evaluation = types.ModelEvaluation.pb()
_ListResponse = types.ListModelEvaluationsResponse.pb()


class Evaluations:
    """What is known of the quality of the served models, under any project and region."""

    def __init__(self, models: tuple[ServedModel, ...], catalog: Catalog) -> None:
        self._models = models
        self._catalog = catalog

    def find(self, request: Any) -> Any:
        """Answer AutoMl.ListModelEvaluations: the overall one and those of labels, in the order of their file."""
        parent = read_parent_model(request.parent)
        passes = read_label_filter(request.filter)
        models = self._models if parent.id == "-" else (self._catalog.find_served(request.parent),)
        chosen = [(model, each) for model in models for each in model.evaluations if passes(each.annotation_spec_id)]
        page, token = cut_page(chosen, request.page_size, request.page_token)
        named = [_name(evaluation, f"{parent.location}/models/{model.model_id}") for model, evaluation in page]
        return _ListResponse(model_evaluation=named, next_page_token=token)

    def get(self, request: Any) -> Any:
        """Answer AutoMl.GetModelEvaluation."""
        parent, evaluation_id = read_evaluation_name(request.name)
        model_name = f"{parent.location}/models/{parent.id}"
        for evaluation in self._catalog.find_served(model_name).evaluations:
            if evaluation.name == evaluation_id:
                return _name(evaluation, model_name)
        raise not_found("ModelEvaluation", request.name)


def _name(evaluation: Any, model_name: str) -> Any:
    """The evaluation under the project and region that were asked."""
    named = _Evaluation()
    named.CopyFrom(evaluation)
    named.name = f"{model_name}/modelEvaluations/{evaluation.name}"
    return named
