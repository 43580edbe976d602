"""How good a service found a version on images that it kept back from training."""

from dataclasses import dataclass


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
