"""Asks for a token on a gRPC port, as the REST API does where people sign in."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.rpc import code_pb2
from grpc_status import rpc_status

from lib.serving.api_guard import Objection
from lib.serving.guard import answer_or_refuse
from lib.serving.refusals import Refused, invalid_field

FindObjection = Callable[[str, str], Objection | None]
"""What speaks against a call, if anything, by its token (empty: none was shown) and its path."""


class TokenInterceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """Refuses calls that `find_objection` objects to. Callers show the metadata `authorization: Bearer TOKEN`."""

    def __init__(self, find_objection: FindObjection) -> None:
        self._find_objection = find_objection

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """Return the handler of a call with the question before it; None for a method that nobody knows."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None

        def answer(requests: Iterator[Any], context: Any) -> Any:
            try:
                answer_or_refuse(self._check, handler_call_details)
                return handler.unary_unary(_get_only(requests), context)
            except Refused as refused:
                context.abort_with_status(rpc_status.to_status(refused.status))

        # As a stream, which looks the same to the caller: nothing of a request is received before this asks for it, and
        # it asks in a thread of the pool, as looking up a token may take its time.
        return grpc.stream_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)

    def _check(self, call: Any) -> None:
        objection = self._find_objection(_find_token(call.invocation_metadata), call.method)
        if objection:
            code = code_pb2.PERMISSION_DENIED if objection.known else code_pb2.UNAUTHENTICATED
            raise Refused(code, objection.sentence)


def _find_token(metadata: Any) -> str:
    given = next((entry.value for entry in metadata or () if entry.key == "authorization"), "")
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _get_only(requests: Iterator[Any]) -> Any:
    for request in requests:
        return request
    raise invalid_field("request", "The call has no request.")
