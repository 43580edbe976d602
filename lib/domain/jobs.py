"""Kinds and states of background jobs, and their progress."""

from dataclasses import dataclass
from enum import StrEnum


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
