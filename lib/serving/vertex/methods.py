"""The methods of Vertex AI that this service has, with the paths that they answer under."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.serving.served_models import ServedModel
from lib.serving.templates import Template, read_template
from lib.serving.vertex.calls import Call, Json
from lib.serving.vertex.endpoint_methods import EndpointMethods
from lib.serving.vertex.endpoints import Endpoints, first_endpoints
from lib.serving.vertex.evaluation_methods import EvaluationMethods
from lib.serving.vertex.model_methods import ModelMethods
from lib.serving.vertex.operations import Operations, describe_operation
from lib.serving.vertex.predictions import Predictions
from lib.serving.vertex.registry import Registry
from lib.serving.vertex.training_methods import TrainingMethods

_LOCATION = "/v1/{location=projects/*/locations/*}"
_MODEL = f"{_LOCATION}/models/{{models=*}}"
_EVALUATION = f"{_MODEL}/evaluations/{{evaluations=*}}"
_ENDPOINT = f"{_LOCATION}/endpoints/{{endpoints=*}}"


@dataclass(frozen=True, slots=True)
class Method:
    """What answers a verb under the paths of a template."""

    verb: str
    template: Template
    answer: Callable[[Call], Json]


def make_methods(served: Sequence[ServedModel], deploy_takes_s: float) -> list[Method]:
    """All methods; where several fit a path, the first one is meant."""
    registry, operations = Registry(served), Operations()
    endpoints = Endpoints(first_endpoints(registry.models))
    return [
        *_model_methods(ModelMethods(registry, endpoints, operations)),
        *_evaluation_methods(EvaluationMethods(registry)),
        _method(
            "GET", f"{_LOCATION}/trainingPipelines/{{trainingPipelines=*}}", TrainingMethods(registry).get_pipeline
        ),
        _method("POST", f"{_ENDPOINT}:predict", Predictions(endpoints, operations).predict),
        *_endpoint_methods(EndpointMethods(registry, endpoints, operations, deploy_takes_s)),
        _method("GET", f"{_ENDPOINT}/operations/{{operations=*}}", _get_operation(operations)),
    ]


def _model_methods(models: ModelMethods) -> list[Method]:
    return [
        _method("GET", f"{_LOCATION}/models", models.list_models),
        _method("GET", f"{_MODEL}:listVersions", models.list_versions),
        _method("GET", _MODEL, models.get_model),
    ]


def _evaluation_methods(evaluations: EvaluationMethods) -> list[Method]:
    return [
        _method("GET", f"{_MODEL}/evaluations", evaluations.list_evaluations),
        _method("GET", _EVALUATION, evaluations.get_evaluation),
        _method("GET", f"{_EVALUATION}/slices", evaluations.list_slices),
        _method("GET", f"{_EVALUATION}/slices/{{slices=*}}", evaluations.get_slice),
    ]


def _endpoint_methods(endpoints: EndpointMethods) -> list[Method]:
    return [
        _method("GET", f"{_LOCATION}/endpoints", endpoints.list_endpoints),
        _method("POST", f"{_LOCATION}/endpoints", endpoints.create_endpoint),
        _method("GET", _ENDPOINT, endpoints.get_endpoint),
        _method("PATCH", _ENDPOINT, endpoints.update_endpoint),
        _method("DELETE", _ENDPOINT, endpoints.delete_endpoint),
        _method("POST", f"{_ENDPOINT}:deployModel", endpoints.deploy_model),
        _method("POST", f"{_ENDPOINT}:undeployModel", endpoints.undeploy_model),
    ]


def _get_operation(operations: Operations) -> Callable[[Call], Json]:
    return lambda call: describe_operation(operations.get(call.name_of("endpoints", "operations")))


def _method(verb: str, template: str, answer: Callable[[Call], Json]) -> Method:
    return Method(verb, read_template(template), answer)
