"""Model versions as a provider describes them, and what training measured."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.domain.predictions import ModelVersion

_LIFE_YEARS = 2
_WARN_DAYS = 60


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """A version with all that its service tells of it; None where the service does not say.

    `created_at` is when training finished, in UTC. `kind` is the service's word for the type of the network (`cloud`,
    `mobile-versatile-1`). `trained_on` counts the images of its dataset, `nodes` those that it is deployed on.
    `expires` is true for custom models of a cloud service.
    """

    version: ModelVersion
    created_at: datetime | None = None
    kind: str = ""
    multi_label: bool | None = None
    trained_on: int | None = None
    nodes: int | None = None
    aliases: tuple[str, ...] = ()
    expires: bool = False

    @property
    def expires_at(self) -> datetime | None:
        """When a custom model ends: two years after its creation, as the guide to online predictions says."""
        if not self.expires or self.created_at is None:
            return None
        try:
            return self.created_at.replace(year=self.created_at.year + _LIFE_YEARS)
        except ValueError:  # the 29th of February
            return self.created_at.replace(year=self.created_at.year + _LIFE_YEARS, day=28)

    def left(self, now: datetime) -> timedelta | None:
        """Time until it ends, less than nothing once it has; None for a version that does not end."""
        return self.expires_at - now if self.expires_at else None

    def ends_soon(self, now: datetime) -> bool:
        """Whether 60 days or less are left."""
        left = self.left(now)
        return left is not None and left <= timedelta(days=_WARN_DAYS)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Precision and recall where labels count from a score of `threshold` on; all from 0 to 1."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class ConfusionCounts:
    """`counts[i][j]` images of `labels[i]` were taken for `labels[j]`."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a version reached on `examples` images, over all labels (`label` None) or for one of them.

    `points` are in ascending order of their thresholds. None, or empty, where the service does not say.
    """

    label: str | None
    examples: int | None
    au_prc: float | None
    au_roc: float | None
    log_loss: float | None
    points: tuple[OperatingPoint, ...] = ()
    confusion: ConfusionCounts | None = None

    def at(self, threshold: float) -> OperatingPoint | None:
        """The point that holds at `threshold`: the last one not above it; None where there is none."""
        return next((point for point in reversed(self.points) if point.threshold <= threshold), None)
