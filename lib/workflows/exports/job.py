"""Files that are built in the background, and wait to be fetched."""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from lib.workflows.exports.rows import Advance

_LOG = logging.getLogger(__name__)
_KEPT_S = 3600
_MOST_KEPT = 20

Write = Callable[[Advance], Iterator[bytes]]
"""Writes a file in pieces, and tells how many images are done."""


class ExportJob:
    """A file on its way, about `total` images. Safe to look at from other threads.

    `name` is what the file is called when it is saved. Once `finished` it is whole; `failed` says that it never will
    be, for a reason that the log describes.
    """

    def __init__(self, name: str, media_type: str, total: int) -> None:
        self.name = name
        self.media_type = media_type
        self.total = total
        self.token = secrets.token_hex(16)
        self.made_at_s = time.monotonic()
        self.done = 0
        self.finished = False
        self.failed = False
        self._stopped = False
        self._folder = TemporaryDirectory(prefix="second-look-", ignore_cleanup_errors=True)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self._folder.name) / "export"

    @property
    def share(self) -> float:
        """How much of it is there, 0 to 1."""
        return 1.0 if self.finished else min(1.0, self.done / max(1, self.total))

    def write(self, write: Write) -> None:
        """Build the file, unless it is forgotten before."""
        try:
            with self.path.open("wb") as file:
                for piece in write(self._advance):
                    if self._stopped:
                        return
                    file.write(piece)
            self.finished = True
        except Exception:
            if not self._stopped:  # else its folder is just gone
                _LOG.exception("building %s failed", self.name)
            self.failed = True
        finally:
            if self._stopped:
                self._folder.cleanup()

    def forget(self) -> None:
        """Stop building, and delete the file."""
        self._stopped = True
        self._folder.cleanup()

    def _advance(self, images: int) -> None:
        self.done = images


class Exports:
    """Finds jobs by their token, and forgets them after an hour or when there are too many. Safe to share."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = Lock()
        self._jobs: dict[str, ExportJob] = {}

    def start(self, job: ExportJob, write: Write) -> None:
        """Build the job's file in the background."""
        with self._lock:
            self._jobs[job.token] = job
            old = [token for token, kept in self._jobs.items() if time.monotonic() - kept.made_at_s > _KEPT_S]
            surplus = list(self._jobs)[: max(0, len(self._jobs) - _MOST_KEPT)]
            gone = [self._jobs.pop(token) for token in dict.fromkeys([*old, *surplus])]
        for forgotten in gone:
            forgotten.forget()
        self._executor.submit(job.write, write)

    def get(self, token: str) -> ExportJob:
        """The job of this token. Raises LookupError where there is none (any more)."""
        with self._lock:
            return self._jobs[token]

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            jobs, self._jobs = list(self._jobs.values()), {}
        for job in jobs:
            job.forget()
