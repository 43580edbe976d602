"""A session as a matrix: a row per image, a column per version."""

from dataclasses import dataclass
from enum import Enum

from lib.domain.image import Image
from lib.domain.pair import Answer
from lib.domain.prediction import Failure, ModelVersion


class Sign(Enum):
    """What a row can be picked by; each value is the word for it on the page and in the address."""

    DISAGREE = "versions disagree"
    FAILED = "failed"
    UNREVIEWED = "unreviewed"
    WRONG = "wrong"
    FIX = "a fix"
    REGRESSION = "a regression"


class RowOrder(Enum):
    """What the rows are sorted by."""

    ADDED = "added"
    NAME = "name"
    CHANGE = "largest score change"
    MARGIN = "lowest margin"
    LATENCY = "slowest answer"


@dataclass(frozen=True, slots=True)
class RowSearch:
    """Which rows are shown, and in what order: rows with all of the `signs` and within all of the bounds.

    `versions` are the columns, baseline first. A top label counts from a score of `threshold` on; below it, it is no
    label. `below` asks for a top score under it (None: any), `label` for a text in a top label or the truth.

    The score change of an image is how far apart the versions' top scores are where all name the same label, else
    the highest of them. A margin is how far a version's best score is above its second best.
    """

    versions: tuple[ModelVersion, ...]
    signs: frozenset[Sign] = frozenset()
    below: float | None = None
    label: str = ""
    threshold: float = 0.0
    order: RowOrder = RowOrder.ADDED

    @property
    def narrows(self) -> bool:
        """Whether some rows may be left out."""
        return bool(self.signs or self.label) or self.below is not None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An image, the label known to be right (None: not known yet) and an answer a version: None where not asked."""

    image: Image
    truth: str | None
    answers: tuple[Answer | Failure | None, ...]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """One page of a matrix; `total` counts the rows on all pages of the same search."""

    rows: tuple[MatrixRow, ...]
    total: int
