"""Model versions as a provider describes them, and what training measured."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.domain.predictions import ModelVersion

_LIFE_YEARS = 2
_WARN_DAYS = 60


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """A version with the details that its provider reports; None for details that it does not report.

    `created_at` is when training finished, in UTC. `kind` is the provider's name for the type of network (`cloud`,
    `mobile-versatile-1`). `trained_on` is the number of images in its dataset, `nodes` the number of deployed nodes.
    `expires` is true for custom models in the cloud.
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
        """When a custom model expires: two years after its creation, as Google's guide to online predictions states."""
        if not self.expires or self.created_at is None:
            return None
        try:
            return self.created_at.replace(year=self.created_at.year + _LIFE_YEARS)
        except ValueError:  # the 29th of February
            return self.created_at.replace(year=self.created_at.year + _LIFE_YEARS, day=28)

    def left(self, now: datetime) -> timedelta | None:
        """Return the time until it expires, negative afterwards; None for a version that does not expire."""
        return self.expires_at - now if self.expires_at else None

    def ends_soon(self, now: datetime) -> bool:
        """Return whether it expires within 60 days."""
        left = self.left(now)
        return left is not None and left <= timedelta(days=_WARN_DAYS)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Precision and recall of labels with a score of at least `threshold`; all from 0 to 1."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class ConfusionCounts:
    """`counts[i][j]` images with the true label `labels[i]` were predicted as `labels[j]`."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Metrics of a version on `examples` images, over all labels (`label` is None) or for one label.

    `points` are in ascending order of thresholds. Values that the provider does not report are None or empty.
    """

    label: str | None
    examples: int | None
    au_prc: float | None
    au_roc: float | None
    log_loss: float | None
    points: tuple[OperatingPoint, ...] = ()
    confusion: ConfusionCounts | None = None

    def at(self, threshold: float) -> OperatingPoint | None:
        """Return the point that applies at `threshold`: the last one not above it; None if there is none."""
        return next((point for point in reversed(self.points) if point.threshold <= threshold), None)
