"""Asks for a token on a gRPC port, as the REST API does where people sign in."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.rpc import code_pb2
from grpc_status import rpc_status

from lib.serving.api_errors import ApiError, invalid_field
from lib.serving.automl.api_guard import ApiRules, Caller
from lib.serving.error_boundary import call_within_error_boundary

# Methods that change something, and how REST ends their paths.
_CHANGES = {"DeployModel": ":deploy", "UndeployModel": ":undeploy"}


class TokenInterceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """Refuses calls that the rules object to, and records changes. Callers show `authorization: Bearer TOKEN`."""

    def __init__(self, rules: ApiRules) -> None:
        self._rules = rules

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Return the handler of a call with the question before it; None for a method that nobody knows."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None

        def answer(requests: Iterator[Any], context: Any) -> Any:
            try:
                caller = call_within_error_boundary(self._identify, handler_call_details)
                request = _get_only(requests)
                response = handler.unary_unary(request, context)
                self._record_change(caller, handler_call_details.method, request)
            except ApiError as refused:
                context.abort_with_status(rpc_status.to_status(refused.status))
            return response

        # As a stream, which looks the same to the caller: nothing of a request is received before this asks for it, and
        # it asks in a thread of the pool, as looking up a token may take its time.
        return grpc.stream_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)

    def _identify(self, call: Any) -> Caller:
        caller = self._rules.identify(_find_token(call.invocation_metadata), call.method)
        if caller.objection:
            code = code_pb2.PERMISSION_DENIED if caller.objection.known else code_pb2.UNAUTHENTICATED
            raise ApiError(code, caller.objection.sentence)
        return caller

    def _record_change(self, caller: Caller, method: str, request: Any) -> None:
        end = _CHANGES.get(method.rpartition("/")[2])
        if end:
            self._rules.record_change(caller, f"{request.name}{end}")


def _find_token(metadata: Any) -> str:
    given = next((entry.value for entry in metadata or () if entry.key == "authorization"), "")
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _get_only(requests: Iterator[Any]) -> Any:
    for request in requests:
        return request
    raise invalid_field("request", "The call has no request.")
