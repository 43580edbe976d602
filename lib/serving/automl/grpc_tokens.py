"""Token checks for a gRPC port, under the same rules as for the REST API."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.rpc import code_pb2
from grpc_status import rpc_status

from lib.serving.api_errors import ApiError, invalid_field
from lib.serving.automl.api_guard import ApiRules, Caller
from lib.serving.error_boundary import call_within_error_boundary

# Methods that change something, with the path endings of their REST calls.
_CHANGES = {"DeployModel": ":deploy", "UndeployModel": ":undeploy"}


class TokenInterceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """Rejects calls that the rules deny, and records changes. Callers send the header `authorization: Bearer TOKEN`."""

    def __init__(self, rules: ApiRules) -> None:
        self._rules = rules

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Return a handler that checks the token before the call; None for an unknown method."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None

        def answer(requests: Iterator[Any], context: Any) -> Any:
            try:
                caller = call_within_error_boundary(self._identify, handler_call_details)
                request = _read_request(requests)
                response = handler.unary_unary(request, context)
                self._record_change(caller, handler_call_details.method, request)
            except ApiError as error:
                context.abort_with_status(rpc_status.to_status(error.status))
            return response

        # A stream handler looks the same to the caller, but receives no part of a request before the token is checked,
        # and runs in a thread of the pool, where looking up a token may block.
        return grpc.stream_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)

    def _identify(self, call: Any) -> Caller:
        caller = self._rules.identify(_read_token(call.invocation_metadata), call.method)
        if caller.denial:
            code = code_pb2.PERMISSION_DENIED if caller.denial.is_known else code_pb2.UNAUTHENTICATED
            raise ApiError(code, caller.denial.message)
        return caller

    def _record_change(self, caller: Caller, method: str, request: Any) -> None:
        end = _CHANGES.get(method.rpartition("/")[2])
        if end:
            self._rules.record_change(caller, f"{request.name}{end}")


def _read_token(metadata: Any) -> str:
    given = next((entry.value for entry in metadata or () if entry.key == "authorization"), "")
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _read_request(requests: Iterator[Any]) -> Any:
    for request in requests:
        return request
    raise invalid_field("request", "The call has no request message.")
