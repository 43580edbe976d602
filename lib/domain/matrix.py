"""A session as a matrix: a row per image, a column per version."""

from dataclasses import dataclass
from enum import Enum

from lib.domain.images import Image
from lib.domain.pairs import Answer
from lib.domain.predictions import Failure, ModelVersion


class Filter(Enum):
    """What a row can be picked by; each value is the word for it on the page and in the address."""

    DISAGREE = "Versions disagree"
    FAILED = "Failed"
    UNREVIEWED = "Unreviewed"
    WRONG = "Wrong"
    FIX = "Fix"
    REGRESSION = "Regression"


class RowOrder(Enum):
    """What the rows are sorted by."""

    ADDED = "Order added"
    NAME = "Name"
    CHANGE = "Largest score change"
    MARGIN = "Lowest margin"
    LATENCY = "Slowest prediction"


@dataclass(frozen=True, slots=True)
class RowSearch:
    """Which rows are shown, and in what order: rows with all of the `signs` and within all of the bounds.

    `versions` are the columns, baseline first. A top label counts from a score of `threshold` on; below it, it is no
    label. `below` asks for a top score under it (None: any), `label` for a text in a top label or the truth.

    The score change of an image is how far apart the versions' top scores are where all name the same label, else
    the highest of them. A margin is how far a version's best score is above its second best.
    """

    versions: tuple[ModelVersion, ...]
    filters: frozenset[Filter] = frozenset()
    below: float | None = None
    label: str = ""
    threshold: float = 0.0
    order: RowOrder = RowOrder.ADDED

    @property
    def narrows(self) -> bool:
        """Whether some rows may be left out."""
        return bool(self.filters or self.label) or self.below is not None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An image, the label known to be right (None: not known yet) and an answer a version: None where not asked."""

    image: Image
    true_label: str | None
    answers: tuple[Answer | Failure | None, ...]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """One page of a matrix; `total` counts the rows on all pages of the same search."""

    rows: tuple[MatrixRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class VersionTrend:
    """A version, by the name it goes by on the page, in numbers.

    `images` counts its predictions, `labeled` those on images whose truth is known, and `right` those of them that
    name it. `compared` counts the images that the baseline answered too, and `same_as_baseline` those with the same
    label: both None for the baseline itself. The medians are None where the version has no prediction.
    """

    version: str
    images: int
    labeled: int
    right: int
    same_as_baseline: int | None
    compared: int | None
    median_score: float | None
    median_latency_s: float | None
