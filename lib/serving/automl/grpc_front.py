"""The service over gRPC."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from grpc_status import rpc_status

from lib.errors import InvalidSettings
from lib.serving.api_errors import ApiError, unimplemented
from lib.serving.automl.http_rules import METHOD_NAMES
from lib.serving.automl.methods import RpcMethod
from lib.serving.models.fault_models import ConnectionDropped, break_connection

# Far above the 30 MB of an image: too large an image must be refused by its field, not by the transport.
_OPTIONS = [
    ("grpc.max_receive_message_length", 128 << 20),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # two services on one port would each get some of the calls
]
# More than cores: a call that waits (for an interpreter, or in a slow fault model) must not block the others.
_THREADS = 16
# The path of a Unix socket: 108 bytes with Linux, 104 with macOS.
_MOST_PATH_BYTES = 100
_UNIX = "unix:"


def start_server(methods: Mapping[str, RpcMethod], address: str, interceptors: Sequence[Any] = ()) -> tuple[Any, int]:
    """A running server and its port. Raises InvalidSettings where `address` (host:port, unix:/path) cannot be had."""
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="grpc")
    server = grpc.server(threads, interceptors=interceptors, options=_OPTIONS)
    server.add_generic_rpc_handlers(_handlers(methods, address))
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        server.stop(None)
        raise InvalidSettings(f"gRPC cannot listen on {address}: is the port taken? Choose another one.") from error
    server.start()
    return server, port


def make_private_address() -> str:
    """`unix:/path` of a socket in a new folder that only this user may enter; the caller removes the folder.

    Raises InvalidSettings where no folder for temporary files can be written to.
    """
    try:
        folder = _make_folder(None)
        if len(os.fsencode(folder)) > _MOST_PATH_BYTES - len("/grpc"):
            folder.rmdir()
            folder = _make_folder("/tmp")  # noqa: S108 - a new folder below it, for this user alone
    except OSError as error:
        reason = error.strerror or error
        raise InvalidSettings(f"No folder can be made for the gRPC socket: {reason}. Set TMPDIR.") from error
    return f"{_UNIX}{folder / 'grpc'}"


def find_socket_folder(address: str) -> Path:
    """The folder that `make_private_address` made."""
    return Path(address.removeprefix(_UNIX)).parent


def _make_folder(parent: str | None) -> Path:
    return Path(tempfile.mkdtemp(prefix="second-look-", dir=parent))


def _handlers(methods: Mapping[str, RpcMethod], address: str) -> list[Any]:
    services: dict[str, dict[str, Any]] = {}
    for full_name in METHOD_NAMES:
        service, _, name = full_name.partition("/")
        services.setdefault(service, {})[name] = _handler(full_name, methods.get(full_name), address)
    return [grpc.method_handlers_generic_handler(service, handlers) for service, handlers in services.items()]


def _handler(full_name: str, method: RpcMethod | None, address: str) -> Any:
    if method is None:
        return grpc.unary_unary_rpc_method_handler(_refuser(full_name))
    return grpc.unary_unary_rpc_method_handler(
        _answerer(method, address),
        request_deserializer=method.request_type.FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )


def _answerer(method: RpcMethod, address: str) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: Any) -> Any:
        try:
            return method(request)
        except ApiError as refused:
            context.abort_with_status(rpc_status.to_status(refused.status))
        except ConnectionDropped:
            break_connection(context.peer(), address.removeprefix(_UNIX))
            context.abort(grpc.StatusCode.UNAVAILABLE, "The connection was dropped on purpose.")

    return answer


def _refuser(full_name: str) -> Callable[[Any, Any], Any]:
    def refuse(_: Any, context: Any) -> Any:
        context.abort_with_status(rpc_status.to_status(unimplemented(full_name).status))

    return refuse
