"""Reviews of sessions: their settings, and the images that are left to review."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from lib.domain.annotations import GroundTruthRule
from lib.domain.assignment import Assignment
from lib.domain.review_order import Place


class ReviewMode(Enum):
    """What reviewers see of the predictions. Each value is the name of the mode on pages."""

    CHOOSE = "Choose"
    BLIND = "Blind"
    OPEN = "Open"


class ReviewStatus(Enum):
    """Progress of a review."""

    OPEN = "open"
    IN_REVIEW = "in review"
    DONE = "done"


class QueueOrder(Enum):
    """Order in which images are reviewed. The verdict counts labels in the review order alone."""

    DRAWN = "review order"
    MARGIN = "lowest margin"
    SCORE = "lowest score"
    ADDED = "as added"


@dataclass(frozen=True, slots=True)
class Review:
    """Review settings of a session.

    A candidate may lose `margin` of accuracy, 0 to 1, and still count as no worse; a top label needs a score of
    `threshold`. Both are chosen before labeling. A review that is done is read-only until it is reopened. `mode_set_by`
    names the person who chose the mode; `signed_verdicts` are the verdicts on all candidates when it was signed off.
    `same_labels` are groups of labels that comparisons treat as the same.
    """

    mode: ReviewMode = ReviewMode.CHOOSE
    rule: GroundTruthRule = GroundTruthRule.SINGLE
    status: ReviewStatus = ReviewStatus.OPEN
    threshold: float = 0.0
    margin: float = 0.0
    note: str = ""
    signed_off_by: str = ""
    signed_off_at: datetime | None = None
    mode_set_by: str = ""
    signed_verdicts: tuple[str, ...] = ()
    same_labels: tuple[tuple[str, ...], ...] = ()
    assignment: Assignment = field(default_factory=Assignment)

    @property
    def is_blind(self) -> bool:
        """Whether reviewers see no label before they give theirs."""
        return self.mode is ReviewMode.BLIND

    @property
    def is_hidden(self) -> bool:
        """Whether predictions are hidden from everyone who has images left to review."""
        return self.is_blind and self.status is not ReviewStatus.DONE


@dataclass(frozen=True, slots=True)
class QueueItem:
    """An image to review, with the values that queues are sorted by: None without predictions.

    `is_final` tells that there is a final word on it, `differs` that versions predict different labels.
    """

    sha256: str
    place: Place
    is_final: bool
    differs: bool
    lowest_margin: float | None
    lowest_score: float | None

    @property
    def is_predicted(self) -> bool:
        """Whether any version predicted the image."""
        return self.lowest_score is not None
