"""The ASGI app of the Vertex AI stand-in, and the table of its methods."""

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.serving.error_boundary import call_within_error_boundary
from lib.serving.http_requests import PathTemplate, check_response_format, parse_template, read_body, read_query
from lib.serving.http_responses import RequestBody, answer_call, error_response, json_response
from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.calls import VertexCall, make_call
from lib.serving.vertex.endpoint_methods import EndpointMethods
from lib.serving.vertex.endpoints import Endpoints, make_endpoints
from lib.serving.vertex.fields import Fields, Json
from lib.serving.vertex.model_methods import ModelMethods, TrainingMethods
from lib.serving.vertex.registry import ModelRegistry
from lib.serving.vertex.vertex_errors import too_large, unauthenticated, vertex_path_not_found
from lib.serving.vertex.vertex_evaluations import EvaluationMethods
from lib.serving.vertex.vertex_operations import VertexOperations, describe_operation
from lib.serving.vertex.vertex_predictions import VertexPredictions

# Vertex AI documents 1.500MB without defining MB: this is the smaller of the two readings.
MAX_REQUEST_BYTES = 1_500_000

_LOCATION = "/v1/{location=projects/*/locations/*}"
_MODEL = f"{_LOCATION}/models/{{models=*}}"
_EVALUATION = f"{_MODEL}/evaluations/{{evaluations=*}}"
_ENDPOINT = f"{_LOCATION}/endpoints/{{endpoints=*}}"


@dataclass(frozen=True, slots=True)
class VertexMethod:
    """A method: the verb and path of its calls, and the function that answers them."""

    verb: str
    template: PathTemplate
    answer: Callable[[VertexCall], Json]


def make_methods(served: Sequence[ServedModel], deploy_takes_s: float) -> list[VertexMethod]:
    """Return all methods, in order of precedence."""
    registry, operations = ModelRegistry(served), VertexOperations()
    endpoints = Endpoints(make_endpoints(registry.models))
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


def _get_operation(operations: VertexOperations) -> Callable[[VertexCall], Json]:
    return lambda call: describe_operation(operations.get(call.resource_name("endpoints", "operations")))


def _method(verb: str, template: str, answer: Callable[[VertexCall], Json]) -> VertexMethod:
    return VertexMethod(verb, parse_template(template), answer)


class VertexFront:
    """ASGI app that runs methods in threads. Unless `token` is empty, callers must send it as bearer token."""

    def __init__(self, methods: Sequence[VertexMethod], token: str = "") -> None:
        self._methods = methods
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call."""
        await answer_call((scope, receive, send), MAX_REQUEST_BYTES, self._respond)

    def _respond(self, request: Request, body: RequestBody) -> Response:
        given = request.headers.get("authorization", "")
        if self._token and not _are_equal(given, f"Bearer {self._token}"):
            return _reject_token(token_given=bool(given))
        if body.content is None:
            raise too_large(body.size_bytes)
        method, call = self._match(request, body.content)
        response = call_within_error_boundary(method.answer, call)
        return json_response(json.dumps(response, indent=2, ensure_ascii=False))

    def _match(self, request: Request, body: bytes) -> tuple[VertexMethod, VertexCall]:
        verb, path = request.method, request.scope["path"]
        for method in self._methods:
            variables = method.template.match(path) if method.verb == verb else None
            if variables is not None:
                check_response_format(request.query_params)
                query = Fields(read_query(request.query_params), "query")
                return method, make_call(variables, query, Fields(read_body(body)))
        raise vertex_path_not_found(verb, path)


def _are_equal(given: str, wanted: str) -> bool:
    """Compare in constant time, so that the time does not reveal how much of a guessed token is right."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def _reject_token(*, token_given: bool) -> Response:
    response = error_response(unauthenticated(token_given=token_given))
    challenge = ', error="invalid_token"' if token_given else ""
    response.headers["www-authenticate"] = f'Bearer realm="https://accounts.google.com/"{challenge}'
    return response
