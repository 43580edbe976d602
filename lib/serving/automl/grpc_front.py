"""The gRPC server of the AutoML API."""

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
from lib.serving.error_boundary import ConnectionDropped
from lib.serving.models.fault_models import drop_connection

# Far above the 30 MB limit of an image, so that a larger image is rejected by field and not by the transport.
_OPTIONS = [
    ("grpc.max_receive_message_length", 128 << 20),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # otherwise two services could share a port, each receiving some of the calls
]
# More threads than cores: a call that waits for a worker, or in a slow fault model, must not block the others.
_THREADS = 16
# The path of a Unix socket may have 108 bytes on Linux and 104 on macOS.
_MAX_PATH_BYTES = 100
_UNIX = "unix:"


def start_server(methods: Mapping[str, RpcMethod], address: str, interceptors: Sequence[Any] = ()) -> tuple[Any, int]:
    """Start a server and return it with its port.

    `address` is host:port or unix:/path. Raises InvalidSettings if it is not available.
    """
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="grpc")
    server = grpc.server(threads, interceptors=interceptors, options=_OPTIONS)
    server.add_generic_rpc_handlers(_handlers(methods, address))
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        server.stop(None)
        raise InvalidSettings(f"gRPC cannot listen on {address}. If the port is in use, choose another one.") from error
    server.start()
    return server, port


def make_private_address() -> str:
    """Create a folder that only this user can open, and return the address `unix:/path` of a socket in it.

    The caller removes the folder. Raises InvalidSettings if no temporary folder is writable.
    """
    try:
        folder = _make_folder(None)
        if len(os.fsencode(folder)) > _MAX_PATH_BYTES - len("/grpc"):
            folder.rmdir()
            folder = _make_folder("/tmp")  # noqa: S108 - a new private folder inside it
    except OSError as error:
        reason = error.strerror or error
        raise InvalidSettings(
            f"Cannot create a folder for the gRPC socket: {reason}. Set TMPDIR to a writable folder."
        ) from error
    return f"{_UNIX}{folder / 'grpc'}"


def socket_folder(address: str) -> Path:
    """Return the folder that `make_private_address` created."""
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
        return grpc.unary_unary_rpc_method_handler(_reject_unimplemented(full_name))
    return grpc.unary_unary_rpc_method_handler(
        _call_method(method, address),
        request_deserializer=method.request_type.FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )


def _call_method(method: RpcMethod, address: str) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: Any) -> Any:
        try:
            return method(request)
        except ApiError as error:
            context.abort_with_status(rpc_status.to_status(error.status))
        except ConnectionDropped:
            drop_connection(context.peer(), address.removeprefix(_UNIX))
            context.abort(grpc.StatusCode.UNAVAILABLE, "The connection was dropped on purpose.")

    return answer


def _reject_unimplemented(full_name: str) -> Callable[[Any, Any], Any]:
    def reject(_: Any, context: Any) -> Any:
        context.abort_with_status(rpc_status.to_status(unimplemented(full_name).status))

    return reject
