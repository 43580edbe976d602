"""Serve AutoML Vision Edge exports over Google's AutoML API (v1 and v1beta1), gRPC and REST.

    python -m lib serve --models models --rest-port 8471

The models folder is read once, at the start. SIGINT and SIGTERM stop the service.
Exit codes: 0 after it was stopped, 2 if an argument or a setting is invalid.
"""

import argparse
import logging
import math
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from lib.errors import AppError
from lib.serving import PredictionService
from lib.serving.automl.rest_front import RestServer
from lib.settings import Settings

_LOCATION = "projects/second-look/locations/us-central1"
_LAST_PORT = 65535


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal stops the process, and return the exit code."""
    try:
        chosen = _read_arguments(arguments, Settings.from_environment())
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
        # Blocked before any thread starts, so that only this thread receives them.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        with ExitStack() as stack:
            _serve(chosen, stack.callback)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _read_arguments(arguments: Sequence[str], settings: Settings) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib serve",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--models", type=Path, default=settings.models_dir, help="folder of <family>/<version>/ (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--grpc-port", type=_port, default=8470, help="0: any free port (default: 8470)")
    parser.add_argument("--rest-port", type=_port, default=8471, help="0: any free port (default: 8471)")
    parser.add_argument("--vertex", action="store_true", help="also serve the REST API of Vertex AI, on a third port")
    parser.add_argument("--vertex-port", type=_port, default=8472, help="0: any free port (default: 8472)")
    parser.add_argument(
        "--fault-models",
        action="store_true",
        default=settings.fault_models,
        help="also serve versions that wait, fail, are busy or drop the connection (default: SECOND_LOOK_FAULT_MODELS)",
    )
    parser.add_argument(
        "--deploy-takes",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="time that deploying and undeploying take, as at Google (default: none)",
    )
    parser.set_defaults(fault_wait_s=settings.fault_wait_s)
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    # The system would wrap a larger number to another port.
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be a port from 0 to {_LAST_PORT}, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds, 0 or more, got {text!r}")
    return seconds


def _serve(chosen: argparse.Namespace, when_done: Callable[[Callable[[], None]], object]) -> None:
    service = PredictionService(
        chosen.models,
        fault_wait_s=chosen.fault_wait_s if chosen.fault_models else None,
        deploy_takes_s=chosen.deploy_takes,
    )
    when_done(service.stop)
    grpc_port = service.start_grpc(f"{chosen.host}:{chosen.grpc_port}")
    rest = RestServer(service.rest_app, chosen.host, chosen.rest_port)
    when_done(rest.stop)
    service.check_models()
    _show_models(service, chosen.models)
    _print(f"gRPC  {chosen.host}:{grpc_port}")
    _print(f"REST  http://{chosen.host}:{rest.port}")
    if service.models:
        _print(f"Try:  {_curl(f'http://{chosen.host}:{rest.port}', service.models[0].model_id)}")
    if chosen.vertex:
        _serve_vertex(service, chosen, when_done)


def _serve_vertex(
    service: PredictionService, chosen: argparse.Namespace, when_done: Callable[[Callable[[], None]], object]
) -> None:
    vertex = RestServer(service.vertex_app, chosen.host, chosen.vertex_port)
    when_done(vertex.stop)
    address = f"http://{chosen.host}:{vertex.port}"
    _print(f"Vertex  {address}")
    _print(f"Try:  curl {address}/v1/{_LOCATION}/endpoints")


def _show_models(service: PredictionService, models_dir: Path) -> None:
    _print(f"{len(service.models)} versions in {models_dir}")
    for model in service.models:
        kind = "multi-label" if model.multi_label else "single-label"
        network = model.export.network.input_text
        _print(f"  {model.family}/{model.version}  {model.model_id}  {len(model.labels)} labels, {kind}, {network}")
    for folder in service.refused:
        _print(f"  {folder.family}/{folder.version}  rejected: {folder.reason}")


def _curl(address: str, model_id: str) -> str:
    image = "$(base64 < samples/espresso.jpg | tr -d '\\n')"
    body = f'{{\\"payload\\": {{\\"image\\": {{\\"imageBytes\\": \\"{image}\\"}}}}}}'
    url = f"{address}/v1/{_LOCATION}/models/{model_id}:predict"
    return f'echo "{body}" | curl -H "Content-Type: application/json" -d @- {url}'


def _print(line: str) -> None:
    # Flushed, because a program may wait for a line through a pipe.
    print(line, flush=True)  # noqa: T201
