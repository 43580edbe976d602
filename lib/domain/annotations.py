"""Annotations: what reviewers say of images, and the ground truth that follows."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class AnnotationStatus(Enum):
    """A reviewer's word on the baseline's label."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNSURE = "unsure"
    WITHDRAWN = "taken back"


class GroundTruthRule(Enum):
    """How words become the truth; each value is the rule as the page says it."""

    SINGLE = "Any reviewer, unless reviewers disagree"
    MAJORITY = "more than half of the reviewers"
    RESOLVED = "only what was settled"


class ReviewStatus(Enum):
    """How far a review is."""

    OPEN = "open"
    IN_REVIEW = "in review"
    DONE = "done"


class QueueOrder(Enum):
    """In what order images are reviewed."""

    DISAGREEMENTS = "disagreements first"
    MARGIN = "lowest margin"
    SCORE = "lowest score"
    RANDOM = "random"
    ADDED = "as added"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One reviewer's word on one image. A change is a new verdict: the latest counts, all are kept.

    `label` is what the image shows, None where the reviewer is not sure. `shown` are the predictions that were on the
    screen, in words, empty where they were hidden. A verdict that `resolves` was given to end a difference, or set by
    hand: it counts before all others; without a label it takes back what was settled.
    """

    sha256: str
    reviewer: str
    status: AnnotationStatus
    label: str | None
    made_at: datetime
    note: str = ""
    shown: tuple[str, ...] = ()
    resolves: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """How a session is reviewed. With `blind`, reviewers see neither predictions nor one another's word.

    `seed` makes the random order, each reviewer's own. Once done, nothing changes until it is opened again.
    """

    rule: GroundTruthRule = GroundTruthRule.SINGLE
    blind: bool = False
    status: ReviewStatus = ReviewStatus.OPEN
    seed: int = 1
    note: str = ""
    signed_off_by: str = ""
    signed_off_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """An image to be reviewed, with what its place in the queue depends on: None where no version answered."""

    sha256: str
    differs: bool
    lowest_margin: float | None
    lowest_score: float | None


def find_latest(verdicts: Sequence[Annotation]) -> dict[tuple[str, str], Annotation]:
    """The verdicts that count, by image and reviewer; `verdicts` come in the order in which they were given."""
    latest = {(verdict.sha256, verdict.reviewer): verdict for verdict in verdicts if not verdict.resolves}
    return {key: verdict for key, verdict in latest.items() if verdict.status is not AnnotationStatus.WITHDRAWN}


def find_labels_by_reviewer(verdicts: Sequence[Annotation]) -> dict[str, dict[str, str]]:
    """The labels that count, by reviewer and image; reviewers come in the order of their first word."""
    words: dict[str, dict[str, str]] = {}
    for (sha256, reviewer), verdict in find_latest(verdicts).items():
        if verdict.label is not None:
            words.setdefault(reviewer, {})[sha256] = verdict.label
    return words


def find_resolved(verdicts: Sequence[Annotation]) -> dict[str, str]:
    """What was settled and not taken back, by image."""
    latest = {verdict.sha256: verdict.label for verdict in verdicts if verdict.resolves}
    return {sha256: label for sha256, label in latest.items() if label is not None}


def find_ground_truth(verdicts: Sequence[Annotation], rule: GroundTruthRule) -> str | None:
    """What an image shows by the rule; `verdicts` are all of this image, in the order in which they were given."""
    settled = next(iter(find_resolved(verdicts).values()), None)
    if settled is not None or rule is GroundTruthRule.RESOLVED:
        return settled
    words = [verdict.label for verdict in find_latest(verdicts).values()]
    labels = Counter(label for label in words if label is not None)
    if rule is GroundTruthRule.SINGLE:
        return next(iter(labels)) if len(labels) == 1 else None
    return next((label for label, count in labels.items() if count * 2 > len(words)), None)


def normalize_label(text: str) -> str:
    """Return the label in the composed form (NFC), in which all labels are kept and compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def normalize_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels in that form, in their order."""
    return tuple(map(normalize_label, labels))


def match_label(text: str, known: Iterable[str]) -> str:
    """Return the label that is meant by a text: the known one that looks the same, or else the text in that form.

    Labels that were stored by earlier releases may be in another form, and stay as they are.
    """
    label = normalize_label(text)
    return next((each for each in known if normalize_label(each) == label), label)
