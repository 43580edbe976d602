"""The built-in prediction service as a whole."""

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from threading import Lock

from lib.errors import UnservableModel
from lib.serving.faults import fault_models as make_fault_models
from lib.serving.grpc_front import find_socket_folder, make_private_address, start_server
from lib.serving.grpc_tokens import FindObjection, TokenInterceptor
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
    uploaded by `add_export`. `fault_models` adds
    versions that wait `fault_wait_s`, fail, are busy or drop the connection, for tests of clients. For the same reason,
    deploying and undeploying may be told to take `deploy_takes_s`, as with Google they take minutes.
    """

    def __init__(
        self, models_dir: Path, *, fault_models: bool = False, fault_wait_s: float = 2.0, deploy_takes_s: float = 0.0
    ) -> None:
        forget_unfinished(models_dir)
        library = read_library(models_dir)
        self._models_dir = models_dir
        self._adding = Lock()
        self.models: tuple[ServedModel, ...] = library.models
        self.refused: tuple[RefusedFolder, ...] = library.refused
        if fault_models and library.models:
            self.models += tuple(make_fault_models(library.models[0], fault_wait_s))
        self._live = LiveMethods(self.models, deploy_takes_s)
        self._endings = ExitStack()
        self.rest_app = RestFront(self._live.methods)

    @cached_property
    def vertex_app(self) -> VertexFront:
        """Vertex AI's REST API over the same versions, with a state of its own, as an ASGI app."""
        return make_vertex_app(self.models)

    def add_export(
        self, family: str, version: str, files: Mapping[str, bytes], *, clean_labels: bool | None = None
    ) -> ServedModel:
        """Keep an uploaded export (a zip, or its files by name) with the others, and serve it at once.

        Raises UnservableModel with the reason why it cannot be served, and UnclearLabels where `clean_labels` must say
        first whether its labels are cleaned. The stand-in for Vertex AI serves it after the next start.
        """
        with self._adding:
            served = read_folder(keep_export(self._models_dir, family, version, files, clean_labels=clean_labels))
            if isinstance(served, RefusedFolder):
                raise UnservableModel(served.reason)
            self.models = (*self.models, served)
            self._live.serve(self.models)
            return served

    def start_grpc(self, address: str = "127.0.0.1:0", find_objection: FindObjection | None = None) -> int:
        """Answer gRPC calls on `address` (host:port; port 0 is any free one), and give the port.

        Where `find_objection` is given, callers must show tokens. Raises InvalidSettings where the address cannot be
        had.
        """
        interceptors = [TokenInterceptor(find_objection)] if find_objection else []
        server, port = start_server(self._live.methods, address, interceptors)
        self._endings.callback(lambda: server.stop(_ANSWERS_MAY_TAKE_S).wait())
        return port

    def start_private_grpc(self) -> str:
        """Answer gRPC calls of this user's own processes alone, on a Unix socket, and give its address."""
        address = make_private_address()
        self._endings.callback(shutil.rmtree, find_socket_folder(address), ignore_errors=True)
        self.start_grpc(address)
        return address

    def stop(self) -> None:
        """Stop answering gRPC calls; those under way have two seconds to end."""
        self._endings.close()
