"""The service over gRPC."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_status import rpc_status

from lib.errors import InvalidSettings
from lib.serving.connections import break_connection
from lib.serving.faults import ConnectionDropped
from lib.serving.methods import Method
from lib.serving.refusals import Refused, unimplemented
from lib.serving.surface import METHOD_NAMES

# Far above the 30 MB of an image: too large an image must be refused by its field, not by the transport.
_OPTIONS = [
    ("grpc.max_receive_message_length", 128 << 20),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # two services on one port would each get some of the calls
]
# More than cores: a call that waits (for an interpreter, or in a slow fault model) must not block the others.
_THREADS = 16


def start_server(methods: Mapping[str, Method], address: str) -> tuple[Any, int]:
    """A running server and its port. Raises InvalidSettings where `address` (host:port) cannot be had."""
    server = grpc.server(ThreadPoolExecutor(_THREADS, thread_name_prefix="grpc"), options=_OPTIONS)
    server.add_generic_rpc_handlers(_handlers(methods))
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        server.stop(None)
        raise InvalidSettings(f"gRPC cannot listen on {address}: is the port taken? Choose another one.") from error
    server.start()
    return server, port


def _handlers(methods: Mapping[str, Method]) -> list[Any]:
    services: dict[str, dict[str, Any]] = {}
    for full_name in METHOD_NAMES:
        service, _, name = full_name.partition("/")
        services.setdefault(service, {})[name] = _handler(full_name, methods.get(full_name))
    return [grpc.method_handlers_generic_handler(service, handlers) for service, handlers in services.items()]


def _handler(full_name: str, method: Method | None) -> Any:
    if method is None:
        return grpc.unary_unary_rpc_method_handler(_refuser(full_name))
    return grpc.unary_unary_rpc_method_handler(
        _answerer(method),
        request_deserializer=method.request_type.FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )


def _answerer(method: Method) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: Any) -> Any:
        try:
            return method(request)
        except Refused as refused:
            context.abort_with_status(rpc_status.to_status(refused.status))
        except ConnectionDropped:
            break_connection(context.peer())
            context.abort(grpc.StatusCode.UNAVAILABLE, "The connection was dropped on purpose.")

    return answer


def _refuser(full_name: str) -> Callable[[Any, Any], Any]:
    def refuse(_: Any, context: Any) -> Any:
        context.abort_with_status(rpc_status.to_status(unimplemented(full_name).status))

    return refuse
