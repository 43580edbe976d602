"""The worker processes of all model files, and what is known of files that were checked before."""

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from lib.errors import UnservableModel
from lib.processes.worker_pool import WorkerPool
from lib.processes.worker_process import WorkerDied, WorkerTimedOut
from lib.serving.api_errors import ApiError
from lib.serving.models.bounded_files import exists, read_file
from lib.serving.models.model_runner import (
    MOST_EXTRA_BYTES,
    USUAL_LIMITS,
    Limits,
    ModelRunner,
    call_worker,
    read_scores,
    worker_kind,
)
from lib.serving.models.networks import Network

_log = logging.getLogger(__name__)
SHIPPED_FILE = Path(__file__).with_name("shipped.json")
MOST_FILE_BYTES = 300 << 20
_MOST_WORKERS = 6
_MOST_RECORD_BYTES = 1 << 20
# To be raised whenever the check asks for more than before: files that passed the old one are then checked again.
_CHECK = 2
_GRAY = 128


class ModelWorkers:
    """At most six workers for all versions together, and the only way to a network in a model file.

    Files that passed the check are recorded by SHA-256 in `record_file`, so that they are served at once after the next
    start; those that come with the project are known from the beginning.
    """

    def __init__(self, record_file: Path, limits: Limits = USUAL_LIMITS) -> None:
        self._pool = WorkerPool(_MOST_WORKERS, most_per_kind=os.cpu_count() or 1)
        self._limits = limits
        self._record_file = record_file
        self._lock = Lock()
        self._check_name = f"{_CHECK}, LiteRT {version('ai-edge-litert')}"
        self._checked = _read_networks(SHIPPED_FILE) | self._read_record()

    def find_checked(self, model_file: Path) -> Network | None:
        """The network of a file that passed the check before. No process is started, and the file not looked into.

        Raises UnservableModel for what is no file, or too large a one.
        """
        return self._checked.get(_sha256(model_file))

    def check(self, model_file: Path) -> Network:
        """The network of a file that can be served: it is opened, and run on one gray picture.

        Raises UnservableModel with the reason unless it is an image classifier that gives scores.
        """
        sha256 = _sha256(model_file)
        with self._lock:
            known = self._checked.get(sha256)
        if known:
            return known
        network = self.try_out(model_file)
        with self._lock:
            self._checked = {**self._checked, sha256: network}
            self._write_record()
        return network

    def try_out(self, model_file: Path) -> Network:
        """What `check` finds, whether or not the file is known."""
        kind = worker_kind(model_file, self._limits)
        try:
            network = Network.from_json(self._pool.describe(kind))
            gray = np.full((1, network.height_px, network.width_px, 3), _GRAY, np.uint8)
            read_scores(call_worker(self._pool, kind, gray, check=True), network)
        except WorkerTimedOut as error:
            raise UnservableModel(
                f"{model_file.name} did not answer within {self._limits.call_s:g} seconds: it hangs, or is too large"
            ) from error
        except WorkerDied as error:
            raise UnservableModel(
                f"{model_file.name} ended the process that tried it: it is broken, or needs more than"
                f" {MOST_EXTRA_BYTES >> 20} MB of memory"
            ) from error
        except ApiError as error:
            raise UnservableModel(str(error).removesuffix(".")) from error
        finally:
            # Uploads are tried in another folder than they are served from, and nobody may ever ask this file.
            self._pool.end_kind(kind)
        return network

    def make_runner(self, model_file: Path, network: Network) -> ModelRunner:
        """What predicts with the file from now on. No worker is started before its first call."""
        return ModelRunner(self._pool, worker_kind(model_file, self._limits), network)

    def count(self) -> int:
        """How many workers there are now."""
        return self._pool.count()

    def close(self) -> None:
        """End the workers; a call that comes later starts one again."""
        self._pool.close()

    def _read_record(self) -> dict[str, Network]:
        if not exists(self._record_file):
            return {}
        try:
            found = json.loads(read_file(self._record_file, _MOST_RECORD_BYTES))
            return _networks(found["networks"]) if found["check"] == self._check_name else {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, UnservableModel) as error:
            _log.warning("%s is of no use, so models are checked again: %s", self._record_file, error)
            return {}

    def _write_record(self) -> None:
        networks = {sha256: network.to_json() for sha256, network in self._checked.items()}
        written = self._record_file.with_suffix(".new")
        try:
            written.write_text(json.dumps({"check": self._check_name, "networks": networks}), encoding="utf-8")
            written.replace(self._record_file)
        except OSError as error:
            _log.warning("%s cannot be written, so models are checked at every start: %s", self._record_file, error)


def _read_networks(file: Path) -> dict[str, Network]:
    return _networks(json.loads(file.read_text(encoding="utf-8")))


def _networks(found: Mapping[str, Any]) -> dict[str, Network]:
    return {sha256: Network.from_json(network) for sha256, network in found.items()}


def _sha256(file: Path) -> str:
    """The file's digest. Raises UnservableModel where reading it might never end."""
    if not file.is_file():  # but a folder, a pipe or a device
        raise UnservableModel(f"{file.name} is not a file")
    size_bytes = file.stat().st_size
    if size_bytes > MOST_FILE_BYTES:
        raise UnservableModel(f"{file.name} has {size_bytes >> 20:,} MB; the most is {MOST_FILE_BYTES >> 20} MB")
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
