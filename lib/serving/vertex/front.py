"""One call of a method: what its path, query and body say."""

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.serving.automl.http_responses import Body, answer_call, error_response, json_response
from lib.serving.automl.http_rules import Template, read_template
from lib.serving.automl.transcoding import check_format, query_fields, read_json
from lib.serving.error_boundary import call_within_error_boundary
from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.endpoint_methods import EndpointMethods
from lib.serving.vertex.endpoints import Endpoints, first_endpoints
from lib.serving.vertex.evaluation_methods import EvaluationMethods
from lib.serving.vertex.fields import Call, Fields, Json, make_call
from lib.serving.vertex.model_methods import ModelMethods, TrainingMethods
from lib.serving.vertex.prediction_method import VertexPredictions
from lib.serving.vertex.registry import Registry
from lib.serving.vertex.vertex_errors import no_such_path, too_large, unauthenticated
from lib.serving.vertex.vertex_operations import VertexOperations, describe_operation

# A message of Vertex AI, as JSON writes it.


_LOCATION = "/v1/{location=projects/*/locations/*}"
_MODEL = f"{_LOCATION}/models/{{models=*}}"
_EVALUATION = f"{_MODEL}/evaluations/{{evaluations=*}}"
_ENDPOINT = f"{_LOCATION}/endpoints/{{endpoints=*}}"


@dataclass(frozen=True, slots=True)
class VertexMethod:
    """What answers a verb under the paths of a template."""

    verb: str
    template: Template
    answer: Callable[[Call], Json]


def make_methods(served: Sequence[ServedModel], deploy_takes_s: float) -> list[VertexMethod]:
    """All methods; where several fit a path, the first one is meant."""
    registry, operations = Registry(served), VertexOperations()
    endpoints = Endpoints(first_endpoints(registry.models))
    return [
        *_model_methods(ModelMethods(registry, endpoints, operations)),
        *_evaluation_methods(EvaluationMethods(registry)),
        _method(
            "GET", f"{_LOCATION}/trainingPipelines/{{trainingPipelines=*}}", TrainingMethods(registry).get_pipeline
        ),
        _method("POST", f"{_ENDPOINT}:predict", VertexPredictions(endpoints, operations).predict),
        *_endpoint_methods(EndpointMethods(registry, endpoints, operations, deploy_takes_s)),
        _method("GET", f"{_ENDPOINT}/operations/{{operations=*}}", _get_operation(operations)),
    ]


def _model_methods(models: ModelMethods) -> list[VertexMethod]:
    return [
        _method("GET", f"{_LOCATION}/models", models.list_models),
        _method("GET", f"{_MODEL}:listVersions", models.list_versions),
        _method("GET", _MODEL, models.get_model),
    ]


def _evaluation_methods(evaluations: EvaluationMethods) -> list[VertexMethod]:
    return [
        _method("GET", f"{_MODEL}/evaluations", evaluations.list_evaluations),
        _method("GET", _EVALUATION, evaluations.get_evaluation),
        _method("GET", f"{_EVALUATION}/slices", evaluations.list_slices),
        _method("GET", f"{_EVALUATION}/slices/{{slices=*}}", evaluations.get_slice),
    ]


def _endpoint_methods(endpoints: EndpointMethods) -> list[VertexMethod]:
    return [
        _method("GET", f"{_LOCATION}/endpoints", endpoints.list_endpoints),
        _method("POST", f"{_LOCATION}/endpoints", endpoints.create_endpoint),
        _method("GET", _ENDPOINT, endpoints.get_endpoint),
        _method("PATCH", _ENDPOINT, endpoints.update_endpoint),
        _method("DELETE", _ENDPOINT, endpoints.delete_endpoint),
        _method("POST", f"{_ENDPOINT}:deployModel", endpoints.deploy_model),
        _method("POST", f"{_ENDPOINT}:undeployModel", endpoints.undeploy_model),
    ]


def _get_operation(operations: VertexOperations) -> Callable[[Call], Json]:
    return lambda call: describe_operation(operations.get(call.name_of("endpoints", "operations")))


def _method(verb: str, template: str, answer: Callable[[Call], Json]) -> VertexMethod:
    return VertexMethod(verb, read_template(template), answer)


# Vertex AI says 1.500MB and not what an MB is: who keeps below this keeps below either.
MAX_REQUEST_BYTES = 1_500_000


class VertexFront:
    """ASGI app that runs methods in threads. Where `token` is not empty, callers must bring it."""

    def __init__(self, methods: Sequence[VertexMethod], token: str = "") -> None:
        self._methods = methods
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call."""
        await answer_call((scope, receive, send), MAX_REQUEST_BYTES, self._respond)

    def _respond(self, request: Request, body: Body) -> Response:
        given = request.headers.get("authorization", "")
        if self._token and not _same(given, f"Bearer {self._token}"):
            return _ask_for_token(token_given=bool(given))
        if body.content is None:
            raise too_large(body.size_bytes)
        method, call = self._find(request, body.content)
        answer = call_within_error_boundary(method.answer, call)
        return json_response(json.dumps(answer, indent=2, ensure_ascii=False))

    def _find(self, request: Request, body: bytes) -> tuple[VertexMethod, Call]:
        verb, path = request.method, request.scope["path"]
        for method in self._methods:
            variables = method.template.variables(path) if method.verb == verb else None
            if variables is not None:
                check_format(request.query_params)
                query = Fields(query_fields(request.query_params), "query")
                return method, make_call(variables, query, Fields(read_json(body)))
        raise no_such_path(verb, path)


def _same(given: str, wanted: str) -> bool:
    """Whether both are the same, found out in a time that says nothing of how much is."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def _ask_for_token(*, token_given: bool) -> Response:
    response = error_response(unauthenticated(token_given=token_given))
    problem = ', error="invalid_token"' if token_given else ""
    response.headers["www-authenticate"] = f'Bearer realm="https://accounts.google.com/"{problem}'
    return response
