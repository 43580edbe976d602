"""The built-in prediction service: its models, checks and servers."""

import math
import os
import shutil
import time
from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from threading import Event, Lock, Thread

from lib.errors import UnservableModel
from lib.images.image_workers import ImageWorkers
from lib.serving.automl.api_guard import ApiRules
from lib.serving.automl.grpc_front import make_private_address, socket_folder, start_server
from lib.serving.automl.grpc_tokens import TokenInterceptor
from lib.serving.automl.methods import MethodRegistry
from lib.serving.automl.rest_front import RestFront
from lib.serving.models.fault_models import fault_models as make_fault_models
from lib.serving.models.library import RefusedFolder, check_folder, read_library
from lib.serving.models.model_runner import DEFAULT_LIMITS, Limits
from lib.serving.models.model_workers import ModelWorkers
from lib.serving.models.served_models import ServedModel
from lib.serving.models.uploads import forget_unfinished, keep_export
from lib.serving.vertex import make_vertex_app
from lib.serving.vertex.front import VertexFront

_SHUTDOWN_S = 2.0
CHECKED_FILE = ".checked-models.json"


class PredictionService:
    """Serves the exports below `models_dir` over Google's AutoML API, v1 and v1beta1.

    The folder is read once, here: a version that is added later is served after the next start, unless it is uploaded
    with `add_export`. Model files that passed the check before are served at once. The others wait in `checking` for
    `check_models` or, in the background, `start_checks`, which move them to `models` or `refused`.

    `images` decodes the images of requests; without it, the service has workers of its own. For tests of clients,
    `fault_wait_s` adds versions that wait that long, fail, are busy or drop the connection, and deploying and
    undeploying take `deploy_takes_s`, as they take minutes at Google.
    """

    def __init__(
        self,
        models_dir: Path,
        *,
        images: ImageWorkers | None = None,
        fault_wait_s: float | None = None,
        deploy_takes_s: float = 0.0,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        forget_unfinished(models_dir)
        self._models_dir = models_dir
        self._workers = ModelWorkers(models_dir / CHECKED_FILE, limits)
        self._images = images or ImageWorkers()
        library = read_library(models_dir, self._workers, self._images)
        self._fault_wait_s = fault_wait_s
        self._changing, self._checking = Lock(), Lock()
        self._checked, self._stopped = Event(), Event()
        self._checks_began_s = -math.inf
        self._own: tuple[ServedModel, ...] = library.models
        self._faults = self._make_faults()
        self.refused: tuple[RefusedFolder, ...] = library.refused
        self.checking: tuple[Path, ...] = library.unchecked
        self._live = MethodRegistry(self.models, deploy_takes_s)
        self._endings = ExitStack()
        self._endings.callback(self._workers.close)
        if images is None:
            self._endings.callback(self._images.close)
        self.rest_app = RestFront(self._live.methods)
        if not self.checking:
            self._checked.set()

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """All versions that are served now, by family and version."""
        return (*self._own, *self._faults)

    @property
    def standing(self) -> Hashable:
        """A value that changes when a version is added, goes out of service, or comes back."""
        return tuple((model.model_id, bool(model.runner.fault)) for model in self.models)

    @cached_property
    def vertex_app(self) -> VertexFront:
        """Vertex AI's REST API as an ASGI app, with the versions served at first use and a state of its own."""
        return make_vertex_app(self.models)

    def start_checks(self) -> None:
        """Check new model files in the background."""
        if self.checking:
            self._checks_began_s = time.monotonic()
            Thread(target=self.check_models, name="model-checks", daemon=True).start()

    def check_models(self) -> None:
        """Check new model files, one per core at a time. Each is served or rejected at once."""
        with self._checking, ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="model-check") as threads:
            list(threads.map(self._check, self.checking))
        self._checked.set()

    def wait_for_checks(self, at_most_s: float) -> None:
        """Wait until all model files are checked, or until `at_most_s` after the checks started."""
        self._checked.wait(max(0.0, self._checks_began_s + at_most_s - time.monotonic()))

    def add_export(
        self, family: str, version: str, files: Mapping[str, bytes], *, clean_labels: bool | None = None
    ) -> ServedModel:
        """Store an uploaded export (a zip, or its files by name) and serve it at once.

        Raises UnservableModel with the reason if it cannot be served, and UnclearLabels if `clean_labels` is needed to
        decide whether labels are cleaned. The stand-in for Vertex AI serves it after the next start.
        """
        folder = keep_export(self._models_dir, (family, version), files, self._workers.check, clean_labels=clean_labels)
        added = check_folder(folder, self._workers, self._images)
        self._add(added)
        if isinstance(added, RefusedFolder):
            raise UnservableModel(added.reason)
        return added

    def start_grpc(self, address: str = "127.0.0.1:0", rules: ApiRules | None = None) -> int:
        """Serve gRPC on `address` (host:port; port 0 for any free one), and return the port.

        With `rules`, callers need tokens, and changes are recorded. Raises InvalidSettings if it cannot listen there.
        """
        interceptors = [TokenInterceptor(rules)] if rules else []
        server, port = start_server(self._live.methods, address, interceptors)
        self._endings.callback(lambda: server.stop(_SHUTDOWN_S).wait())
        return port

    def start_private_grpc(self) -> str:
        """Serve gRPC on a Unix socket for this user's own processes, and return its address."""
        address = make_private_address()
        self._endings.callback(shutil.rmtree, socket_folder(address), ignore_errors=True)
        self.start_grpc(address)
        return address

    def count_workers(self) -> int:
        """Return the number of processes that run model files now."""
        return self._workers.count()

    def count_image_workers(self) -> int:
        """Return the number of processes that decode the images of requests now."""
        return self._images.count()

    def stop(self) -> None:
        """Stop serving gRPC and end the workers. Calls in progress have two seconds to end."""
        self._stopped.set()
        self._endings.close()

    def _check(self, folder: Path) -> None:
        if not self._stopped.is_set():
            self._add(check_folder(folder, self._workers, self._images), folder)

    def _add(self, found: ServedModel | RefusedFolder, checked: Path | None = None) -> None:
        with self._changing:
            if isinstance(found, ServedModel):
                self._own = tuple(sorted((*self._own, found), key=lambda model: (model.family, model.version)))
                self._faults = self._faults or self._make_faults()
                self._live.replace_models(self.models)
            else:
                self.refused = (*self.refused, found)
            self.checking = tuple(folder for folder in self.checking if folder != checked)

    def _make_faults(self) -> tuple[ServedModel, ...]:
        """Return the fault models, if they are enabled and there is a model whose scores they can use."""
        if self._fault_wait_s is None or not self._own:
            return ()
        return tuple(make_fault_models(self._own[0], self._fault_wait_s))
