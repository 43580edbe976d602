"""Kinds and states of background jobs, their progress, and what is stored of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    """What a job does."""

    PREDICTION = "prediction"
    PROBE = "probe"
    EXPORT = "export"
    DEPLOYMENT = "deployment"


class JobState(StrEnum):
    """Where a job is in its life. All states but RUNNING are final."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, `elapsed_s` seconds after its start.

    `total` and `done` count what the job is about: predictions, images of an export, percent of a deployment. `done`
    includes `failed` calls. `skipped` ones were not made because the job was stopped; `broken` ones were lost to a
    defect that the log describes.
    """

    state: JobState
    total: int
    done: int
    failed: int
    skipped: int
    broken: int
    elapsed_s: float

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state is not JobState.RUNNING

    @property
    def share(self) -> float:
        """Part that is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0

    @property
    def per_s(self) -> float:
        """Units done per second so far; 0 at the start."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until the end at the speed so far; None before the first unit is done."""
        return (self.total - self.done) * self.elapsed_s / self.done if self.done else None


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file or an image that a prediction job has to do. `number` is 0 until it is stored.

    An uploaded file has a `key`, under which its content waits; an image of the session has its `sha256`.
    """

    number: int
    name: str
    key: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as it is stored, for all processes to see.

    `worker` is the process that runs it, and `heartbeat_at` when that was alive last. `request` is what another process
    needs to continue the job: JSON values. Other fields are those of `lib.workflows.jobs.Job`.
    """

    id: str
    kind: JobKind
    subject: str
    owner: str
    title: str
    request: dict[str, Any]
    started_at: datetime
    worker: str
    heartbeat_at: datetime
    progress: Progress
    error: str = ""
    stop_requested: bool = False
