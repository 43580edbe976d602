"""A session as a matrix: a row per image, a column per version."""

from dataclasses import dataclass
from enum import Enum

from lib.domain.annotations import TrueLabel
from lib.domain.images import Image
from lib.domain.pairs import PredictionSummary
from lib.domain.predictions import Failure, ModelVersion


class Filter(Enum):
    """A condition on rows. Each value is its name on pages and in addresses."""

    DISAGREE = "Versions disagree"
    FAILED = "Failed"
    UNREVIEWED = "Unreviewed"
    WRONG = "Wrong"
    FIX = "Fix"
    REGRESSION = "Regression"
    MUST_NOT_REGRESS = "Must not regress"


class RowOrder(Enum):
    """Sort order of rows."""

    ADDED = "Order added"
    NAME = "Name"
    CHANGE = "Largest score change"
    MARGIN = "Lowest margin"
    LATENCY = "Slowest prediction"


@dataclass(frozen=True, slots=True)
class RowSearch:
    """Which rows are shown, and in what order: rows that match all `filters` and all other conditions.

    `versions` are the columns, baseline first. A top label with a score below `threshold` counts as no label. `below`
    selects rows with a top score under it (None: all), `label` rows with this text in a top label or the true label.

    The score change of an image is the range of the versions' top scores if all predict the same label, otherwise the
    highest top score. A margin is the difference between the best and second best score of a version.
    """

    versions: tuple[ModelVersion, ...]
    filters: frozenset[Filter] = frozenset()
    below: float | None = None
    label: str = ""
    threshold: float = 0.0
    order: RowOrder = RowOrder.ADDED

    @property
    def narrows(self) -> bool:
        """Whether the search may exclude rows."""
        return bool(self.filters or self.label) or self.below is not None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An image, its true label (None without ground truth) and an answer per version: None without a prediction."""

    image: Image
    true_label: TrueLabel | None
    answers: tuple[PredictionSummary | Failure | None, ...]
    must_not_regress: bool = False


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """One page of a matrix; `total` counts the rows on all pages of the same search."""

    rows: tuple[MatrixRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class VersionTrend:
    """Metrics of a version, by its name on the page.

    `images` counts its predictions, `labeled` those on images with a true label, and `right` the correct ones among
    them. `compared` counts the images that the baseline predicted too, and `same_as_baseline` those with the same
    label: both None for the baseline itself. The medians are None without predictions.
    """

    version: str
    images: int
    labeled: int
    right: int
    same_as_baseline: int | None
    compared: int | None
    median_score: float | None
    median_latency_s: float | None
