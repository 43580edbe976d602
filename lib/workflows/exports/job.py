"""Files that are built in the background, and wait to be fetched."""

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import BinaryIO

from lib.workflows.exports.rows import Advance

_LOG = logging.getLogger(__name__)
_DEFECT = "The file could not be built. The server's log says why."

Write = Callable[[Advance], Iterator[bytes]]
"""Writes a file in pieces, and tells how many images are done."""


@dataclass(frozen=True, slots=True)
class ExportLimits:
    """What is kept of finished files. An owner may have `files_each`, and a quarter of `bytes_in_all`.

    Owners lose their own oldest files beyond that. Nobody loses one for somebody else's sake before it was offered
    for `offered_s`, and everybody does after `kept_s`. Owners take turns of `turn_s` at building.
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


@dataclass(eq=False)
class ExportJob:
    """A file on its way, about `total` images of a session. Safe to look at from other threads.

    `name` is what the file is called when it is saved. `owner` tells whose it is from all others: a person, a link, or
    a visit; `requested_by` is how the audit log names them. Once `finished` it is whole; a `failure` says that it never
    will be, and why.
    """

    name: str
    media_type: str
    total: int
    owner: str = ""
    session_id: str = ""
    requested_by: str = ""
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    done: int = 0
    size_bytes: int = 0
    ended_at_s: float | None = None
    failure: str = ""
    downloaded_by: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="second-look-", ignore_cleanup_errors=True)
        self._pieces: Iterator[bytes] = iter(())
        self._file: BinaryIO | None = None
        self._stopped = False

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self._folder.name) / "export"

    @property
    def finished(self) -> bool:
        """Whether the whole file is there."""
        return self.ended_at_s is not None and not self.failure

    @property
    def share(self) -> float:
        """How much of it is there, 0 to 1."""
        return 1.0 if self.finished else min(1.0, self.done / max(1, self.total))

    def begin(self, write: Write) -> None:
        """Say what writes the file."""
        self._pieces = write(self._advance)

    def write_on(self, for_s: float) -> bool:
        """Write pieces for a while, at least one; gives whether there is more to write."""
        try:
            has_more = self._write_on(time.monotonic() + for_s)
        except Exception:
            if not self._stopped:  # else its folder is just gone
                _LOG.exception("building %s failed", self.name)
            self.fail(_DEFECT)
            has_more = False
        if not has_more:
            self._end()
        return has_more

    def fail(self, reason: str) -> None:
        """Stop building, delete what is there, and say why."""
        self.failure = self.failure or reason
        self.ended_at_s = time.monotonic()
        self.forget()

    def forget(self) -> None:
        """Stop building, and delete the file."""
        self._stopped = True
        self.size_bytes = 0
        self._folder.cleanup()

    def _write_on(self, until_s: float) -> bool:
        if self._stopped:
            return False
        if self._file is None:
            self._file = self.path.open("wb")
        for piece in self._pieces:
            self._file.write(piece)
            self.size_bytes += len(piece)
            if self._stopped:
                return False
            if time.monotonic() >= until_s:
                return True
        return False

    def _end(self) -> None:
        if self._file:
            self._file.close()
        if self._stopped:
            self.forget()  # what was written since
        else:
            self.ended_at_s = time.monotonic()

    def _advance(self, images: int) -> None:
        self.done = images


class Exports:
    """Builds jobs one piece at a time, owners in turn, and finds them by their tokens. Safe to share."""

    def __init__(self, executor: Executor, limits: ExportLimits | None = None) -> None:
        self._executor = executor
        self._limits = limits or ExportLimits()
        self._lock = Lock()
        self._jobs: dict[str, ExportJob] = {}
        # The jobs of each owner that are to be built; the owner whose turn it is comes first.
        self._turns: dict[str, deque[ExportJob]] = {}
        self._is_working = False

    def start(self, job: ExportJob, write: Write) -> None:
        """Build the job's file in the background."""
        job.begin(write)
        with self._lock:
            self._forget_old()
            # Those that are whole go first: what is on its way is still waited for.
            mine = sorted(self._jobs_of(job.owner), key=lambda each: each.ended_at_s is None)
            for surplus in mine[: max(0, len(mine) + 1 - self._limits.files_each)]:
                self._forget(surplus)
            self._jobs[job.token] = job
            self._turns.setdefault(job.owner, deque()).append(job)
            if self._is_working:
                return
            self._is_working = True
        self._executor.submit(self._work)

    def get(self, token: str) -> ExportJob:
        """The job of this token. Raises LookupError where there is none (any more)."""
        with self._lock:
            return self._jobs[token]

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            for job in list(self._jobs.values()):
                self._forget(job)

    def _work(self) -> None:
        while (job := self._find_next()) is not None:
            has_more = job.write_on(self._limits.turn_s)
            with self._lock:
                self._make_room(job)
                self._end_turn(job, has_more=has_more)

    def _find_next(self) -> ExportJob | None:
        with self._lock:
            self._is_working = bool(self._turns)
            return next((waiting[0] for waiting in self._turns.values()), None)

    def _end_turn(self, job: ExportJob, *, has_more: bool) -> None:
        waiting = self._turns.pop(job.owner)
        if not has_more:
            waiting.popleft()
        if waiting:
            self._turns[job.owner] = waiting  # behind all others

    def _make_room(self, job: ExportJob) -> None:
        """Keep within the bounds after the job has grown; where only others could make room, it fails."""
        if job.token not in self._jobs:
            return
        mine = [each for each in self._jobs_of(job.owner) if each.finished and each is not job]
        while _sum_bytes(self._jobs_of(job.owner)) > self._limits.bytes_each and mine:
            self._forget(mine.pop(0))
        if _sum_bytes(self._jobs_of(job.owner)) > self._limits.bytes_each:
            job.fail(f"The file is larger than {self._limits.bytes_each >> 20:,} MB. Export a smaller session.")
            self._forget(job)
        while _sum_bytes(self._jobs.values()) > self._limits.bytes_in_all:
            surplus = self._find_surplus(job)
            if surplus is None:
                job.fail("The server has no room for more exports. Try again in an hour.")
                surplus = job
            self._forget(surplus)

    def _find_surplus(self, job: ExportJob) -> ExportJob | None:
        """The oldest file of the owner who has the most, of those that may go."""
        offered_before_s = time.monotonic() - self._limits.offered_s
        owners = {each.owner for each in self._jobs.values()}
        for owner in sorted(owners, key=lambda each: _sum_bytes(self._jobs_of(each)), reverse=True):
            for each in self._jobs_of(owner):
                is_own = owner == job.owner and each is not job
                if each.ended_at_s is not None and (is_own or each.ended_at_s <= offered_before_s):
                    return each
        return None

    def _forget_old(self) -> None:
        ended_before_s = time.monotonic() - self._limits.kept_s
        for job in list(self._jobs.values()):
            if job.ended_at_s is not None and job.ended_at_s < ended_before_s:
                self._forget(job)

    def _jobs_of(self, owner: str) -> list[ExportJob]:
        return [job for job in self._jobs.values() if job.owner == owner]

    def _forget(self, job: ExportJob) -> None:
        del self._jobs[job.token]
        job.forget()


def _sum_bytes(jobs: Iterable[ExportJob]) -> int:
    return sum(job.size_bytes for job in jobs)
