"""The built-in prediction service: serves exported AutoML Vision Edge models over Google's AutoML API.

service = PredictionService(Path("models"))
port = service.start_grpc()     # gRPC, for Google's clients
app = service.rest_app          # REST, as an ASGI app
app = service.vertex_app        # the same models over Vertex AI's REST API, as an ASGI app
service.stop()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.serving.models.library import RefusedFolder
    from lib.serving.models.served_models import ServedModel
    from lib.serving.service import PredictionService

__all__ = ["PredictionService", "RefusedFolder", "ServedModel"]

_HOMES = {"PredictionService": "service", "RefusedFolder": "models.library", "ServedModel": "models.served_models"}


def __getattr__(name: str) -> Any:
    # Imported at first use: the worker processes of lib.serving.models come by here too, and need no servers.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
