"""The built-in prediction service as a whole."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from lib.errors import UnservableModel
from lib.images.workers import ImageWorkers
from lib.serving.faults import fault_models as make_fault_models
from lib.serving.grpc_front import start_server
from lib.serving.library import RefusedFolder, read_folder, read_library
from lib.serving.live_methods import LiveMethods
from lib.serving.rest_front import RestFront
from lib.serving.served_models import ServedModel
from lib.serving.uploads import forget_unfinished, keep_export
from lib.serving.vertex import make_vertex_app
from lib.serving.vertex.front import VertexFront

_ANSWERS_MAY_TAKE_S = 2.0


class PredictionService:
    """Serves the exports below `models_dir` over Google's AutoML API, v1 and v1beta1.

    The folder is read once, here: a version that is put there later is served after the next start, unless it is
    uploaded by `add_export`. `images` decodes what callers send; a service that gets none has workers of its own, until
    it is stopped. `fault_models` adds versions that wait `fault_wait_s`, fail, are busy or drop the connection, for
    tests of clients. For the same reason, deploying and undeploying may be told to take `deploy_takes_s`, as with
    Google they take minutes.
    """

    def __init__(
        self,
        models_dir: Path,
        *,
        images: ImageWorkers | None = None,
        fault_models: bool = False,
        fault_wait_s: float = 2.0,
        deploy_takes_s: float = 0.0,
    ) -> None:
        forget_unfinished(models_dir)
        self._images = images or ImageWorkers()
        self._owns_images = images is None
        library = read_library(models_dir, self._images)
        self._models_dir = models_dir
        self._adding = Lock()
        self.models: tuple[ServedModel, ...] = library.models
        self.refused: tuple[RefusedFolder, ...] = library.refused
        if fault_models and library.models:
            self.models += tuple(make_fault_models(library.models[0], fault_wait_s))
        self._live = LiveMethods(self.models, deploy_takes_s)
        self._servers: list[Any] = []
        self.rest_app = RestFront(self._live.methods)

    @cached_property
    def vertex_app(self) -> VertexFront:
        """Vertex AI's REST API over the same versions, with a state of its own, as an ASGI app."""
        return make_vertex_app(self.models)

    def add_export(self, family: str, version: str, files: Mapping[str, bytes]) -> ServedModel:
        """Keep an uploaded export (a zip, or its files by name) with the others, and serve it at once.

        Raises UnservableModel with the reason why it cannot be served. The stand-in for Vertex AI serves it after the
        next start.
        """
        with self._adding:
            served = read_folder(keep_export(self._models_dir, family, version, files), self._images)
            if isinstance(served, RefusedFolder):
                raise UnservableModel(served.reason)
            self.models = (*self.models, served)
            self._live.serve(self.models)
            return served

    def start_grpc(self, address: str = "127.0.0.1:0") -> int:
        """Answer gRPC calls on `address` (host:port; port 0 is any free one), and give the port.

        Raises InvalidSettings where the address cannot be had.
        """
        server, port = start_server(self._live.methods, address)
        self._servers.append(server)
        return port

    def stop(self) -> None:
        """Stop answering gRPC calls, and end what decodes images; calls under way have two seconds to end."""
        while self._servers:
            self._servers.pop().stop(_ANSWERS_MAY_TAKE_S).wait()
        if self._owns_images:
            self._images.close()
