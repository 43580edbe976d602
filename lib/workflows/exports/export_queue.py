"""Exported files: built in the background, a piece at a time, and kept until they are downloaded."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import BinaryIO

from lib.domain.jobs import JobKind
from lib.workflows.exports.rows import Advance
from lib.workflows.jobs import Job

_LOG = logging.getLogger(__name__)
_DEFECT = "The file could not be built. The server's log says why."
_NO_ROOM = "The server has no room for more exports. Try again in an hour."
_REPLACED = "The file was deleted to make room for newer exports. Export it again."
_EXPIRED = "The file was deleted after a day. Export it again."
_STOPPED = "The server was stopped. Export it again."

Write = Callable[[Advance], Iterator[bytes]]
"""Writes a file in pieces, and reports how many images are done."""


@dataclass(frozen=True, slots=True)
class ExportLimits:
    """How many finished files are kept. An owner may have `files_each`, and a quarter of `bytes_in_all`.

    Beyond that owners lose their own oldest files. Nobody loses a file to somebody else before it was offered for
    `offered_s`, and all files go after `kept_s`. Owners take turns of `turn_s` at building.
    """

    files_each: int = 20
    bytes_in_all: int = 8 << 30
    offered_s: float = 3600
    kept_s: float = 86_400
    turn_s: float = 0.2

    @property
    def bytes_each(self) -> int:
        """The most bytes of one owner."""
        return self.bytes_in_all // 4


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export: a session with its number of images, as a file of a name and media type.

    `owner` tells apart those who share limits: a person, a link or a visit; `requested_by` is the owner's name in the
    audit log.
    """

    name: str
    media_type: str
    session_id: str
    image_count: int
    owner: str
    requested_by: str = ""


@dataclass(eq=False)
class ExportFile:
    """A file in a temporary folder of its own. `downloaded_by` has the names of those who have fetched it."""

    request: ExportRequest
    size_bytes: int = 0
    downloaded_by: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="second-look-", ignore_cleanup_errors=True)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self._folder.name) / "export"

    def delete(self) -> None:
        """Delete the file and its folder."""
        self.size_bytes = 0
        self._folder.cleanup()


class ExportBuild:
    """A file being built, with its job. The job's result is the file, once it is whole."""

    def __init__(self, request: ExportRequest, write: Write) -> None:
        self.job = Job[ExportFile](
            JobKind.EXPORT, request.session_id, owner=request.owner, title=request.name, total=request.image_count
        )
        self.file = ExportFile(request)
        self._pieces = write(self.job.advance_to)
        self._open_file: BinaryIO | None = None
        self.job.begin()

    def build(self, for_s: float) -> bool:
        """Write pieces for a while, at least one; return whether there is more to write."""
        try:
            has_more = self._write_pieces(time.monotonic() + for_s)
        except Exception:
            if not self.job.stop_requested:  # else the folder was deleted meanwhile
                _LOG.exception("building %s failed", self.file.request.name)
            self.job.fail(_DEFECT)
            has_more = False
        if not has_more:
            self._end()
        return has_more

    def discard(self, reason: str) -> None:
        """Stop building and delete the file, for a reason that the owner can read."""
        self.job.fail(reason)
        self.file.delete()

    def _write_pieces(self, until_s: float) -> bool:
        if self.job.stop_requested:
            return False
        if self._open_file is None:
            self._open_file = self.file.path.open("wb")
        for piece in self._pieces:
            self._open_file.write(piece)
            self.file.size_bytes += len(piece)
            if self.job.stop_requested:
                return False
            if time.monotonic() >= until_s:
                return True
        return False

    def _end(self) -> None:
        if self._open_file:
            self._open_file.close()
        if self.job.stop_requested:
            self.file.delete()  # with what was written since it was discarded
            self.job.end()
        else:
            self.job.end(self.file)


class ExportQueue:
    """Builds files one piece at a time, owners in turn, and finds them by the ids of their jobs. Thread-safe."""

    def __init__(self, executor: Executor, limits: ExportLimits | None = None) -> None:
        self._executor = executor
        self._limits = limits or ExportLimits()
        self._lock = Lock()
        self._exports: dict[str, ExportBuild] = {}
        # The exports of each owner that are to be built; the owner whose turn it is comes first.
        self._waiting: dict[str, deque[ExportBuild]] = {}
        self._is_working = False

    def start(self, request: ExportRequest, write: Write) -> Job[ExportFile]:
        """Build a file in the background."""
        export = ExportBuild(request, write)
        with self._lock:
            self._discard_expired()
            # Finished files go first: somebody still waits for the others.
            own = sorted(self._find_of(request.owner), key=lambda other: not other.job.progress().ended)
            for surplus in own[: max(0, len(own) + 1 - self._limits.files_each)]:
                self._discard(surplus, _REPLACED)
            self._exports[export.job.id] = export
            self._waiting.setdefault(request.owner, deque()).append(export)
            if not self._is_working:
                self._is_working = True
                self._executor.submit(self._work)
        return export.job

    def get(self, job_id: str) -> Job[ExportFile]:
        """Return a job by its id. Raises LookupError if there is none (any more)."""
        with self._lock:
            return self._exports[job_id].job

    def find(self) -> list[Job[ExportFile]]:
        """Return all jobs, oldest first."""
        with self._lock:
            return [export.job for export in self._exports.values()]

    def close(self) -> None:
        """Stop all, and delete all files."""
        with self._lock:
            for export in list(self._exports.values()):
                self._discard(export, _STOPPED)

    def _work(self) -> None:
        while (export := self._find_next()) is not None:
            has_more = export.build(self._limits.turn_s)
            with self._lock:
                self._make_room(export)
                self._end_turn(export, has_more=has_more)

    def _find_next(self) -> ExportBuild | None:
        with self._lock:
            self._is_working = bool(self._waiting)
            return next((exports[0] for exports in self._waiting.values()), None)

    def _end_turn(self, export: ExportBuild, *, has_more: bool) -> None:
        waiting = self._waiting.pop(export.job.owner)
        if not has_more:
            waiting.popleft()
        if waiting:
            self._waiting[export.job.owner] = waiting  # behind all others

    def _make_room(self, export: ExportBuild) -> None:
        """Keep within the limits after the file has grown; where only others could make room, the export fails."""
        if export.job.id not in self._exports:
            return
        owner = export.job.owner
        own = [other for other in self._find_of(owner) if other.job.result and other is not export]
        while _sum_bytes(self._find_of(owner)) > self._limits.bytes_each and own:
            self._discard(own.pop(0), _REPLACED)
        if _sum_bytes(self._find_of(owner)) > self._limits.bytes_each:
            self._discard(
                export, f"The file is larger than {self._limits.bytes_each >> 20:,} MB. Export a smaller session."
            )
        while _sum_bytes(self._exports.values()) > self._limits.bytes_in_all:
            surplus = self._find_surplus(export)
            self._discard(surplus or export, _REPLACED if surplus else _NO_ROOM)

    def _find_surplus(self, export: ExportBuild) -> ExportBuild | None:
        """Return the oldest file that may go, of the owner who has the most."""
        offered_before_s = time.monotonic() - self._limits.offered_s
        owners = {other.job.owner for other in self._exports.values()}
        for owner in sorted(owners, key=lambda name: _sum_bytes(self._find_of(name)), reverse=True):
            for other in self._find_of(owner):
                is_own = owner == export.job.owner and other is not export
                if other.job.ended_s is not None and (is_own or other.job.ended_s <= offered_before_s):
                    return other
        return None

    def _discard_expired(self) -> None:
        ended_before_s = time.monotonic() - self._limits.kept_s
        for export in list(self._exports.values()):
            if export.job.ended_s is not None and export.job.ended_s < ended_before_s:
                self._discard(export, _EXPIRED)

    def _find_of(self, owner: str) -> list[ExportBuild]:
        return [export for export in self._exports.values() if export.job.owner == owner]

    def _discard(self, export: ExportBuild, reason: str) -> None:
        del self._exports[export.job.id]
        export.discard(reason)


def _sum_bytes(exports: Iterable[ExportBuild]) -> int:
    return sum(export.file.size_bytes for export in exports)
