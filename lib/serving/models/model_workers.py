"""The worker processes of all model files, and the record of files that passed the check."""

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
    DEFAULT_LIMITS,
    MOST_EXTRA_BYTES,
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
# Raised with each stricter check, so that files that passed the old one are checked again.
_CHECK_VERSION = 2
_GRAY = 128


class ModelWorkers:
    """At most six workers for all versions together. Only they open model files.

    Files that passed the check are recorded by SHA-256 in `record_file`, so that the next start serves them at once.
    The project's own models are recorded from the beginning.
    """

    def __init__(self, record_file: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self._pool = WorkerPool(_MOST_WORKERS, most_per_kind=os.cpu_count() or 1)
        self._limits = limits
        self._record_file = record_file
        self._lock = Lock()
        self._check_name = f"{_CHECK_VERSION}, LiteRT {version('ai-edge-litert')}"
        self._checked = _read_networks(SHIPPED_FILE) | self._read_record()

    def find_checked(self, model_file: Path) -> Network | None:
        """Return the network of a file that passed the check before, else None. Starts no process.

        Raises UnservableModel if it is not a file, or too large.
        """
        return self._checked.get(_sha256(model_file))

    def check(self, model_file: Path) -> Network:
        """Return the network of a file after running it on one gray picture, unless it passed before.

        Raises UnservableModel with the reason unless it is an image classifier whose outputs are scores.
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
        """Run the check, whether or not the file passed before."""
        kind = worker_kind(model_file, self._limits)
        try:
            network = Network.from_json(self._pool.describe(kind))
            gray = np.full((1, network.height_px, network.width_px, 3), _GRAY, np.uint8)
            read_scores(call_worker(self._pool, kind, gray, check=True), network)
        except WorkerTimedOut as error:
            raise UnservableModel(
                f"{model_file.name} did not respond within {self._limits.call_s:g} seconds: it hangs, or is too large"
            ) from error
        except WorkerDied as error:
            raise UnservableModel(
                f"{model_file.name} crashed its process: it is broken, or needs more than"
                f" {MOST_EXTRA_BYTES >> 20} MB of memory"
            ) from error
        except ApiError as error:
            raise UnservableModel(str(error).removesuffix(".")) from error
        finally:
            # Uploads are checked in another folder than they are served from, so this file may never be used again.
            self._pool.end_kind(kind)
        return network

    def make_runner(self, model_file: Path, network: Network) -> ModelRunner:
        """Return the runner for a file. Its first worker starts with the first call."""
        return ModelRunner(self._pool, worker_kind(model_file, self._limits), network)

    def count(self) -> int:
        """Return the number of workers now."""
        return self._pool.count()

    def close(self) -> None:
        """End the workers. A later call would start one again."""
        self._pool.close()

    def _read_record(self) -> dict[str, Network]:
        if not exists(self._record_file):
            return {}
        try:
            found = json.loads(read_file(self._record_file, _MOST_RECORD_BYTES))
            return _networks(found["networks"]) if found["check"] == self._check_name else {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, UnservableModel) as error:
            _log.warning("%s cannot be used, so models are checked again: %s", self._record_file, error)
            return {}

    def _write_record(self) -> None:
        networks = {sha256: network.to_json() for sha256, network in self._checked.items()}
        written = self._record_file.with_suffix(".new")
        try:
            written.write_text(json.dumps({"check": self._check_name, "networks": networks}), encoding="utf-8")
            written.replace(self._record_file)
        except OSError as error:
            _log.warning("%s cannot be written, so models are checked on every start: %s", self._record_file, error)


def _read_networks(file: Path) -> dict[str, Network]:
    return _networks(json.loads(file.read_text(encoding="utf-8")))


def _networks(found: Mapping[str, Any]) -> dict[str, Network]:
    return {sha256: Network.from_json(network) for sha256, network in found.items()}


def _sha256(file: Path) -> str:
    """Return the file's digest. Raises UnservableModel for pipes and devices, which reading may never end."""
    if not file.is_file():
        raise UnservableModel(f"{file.name} is not a file")
    size_bytes = file.stat().st_size
    if size_bytes > MOST_FILE_BYTES:
        raise UnservableModel(f"{file.name} has {size_bytes >> 20:,} MB; the most is {MOST_FILE_BYTES >> 20} MB")
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
