"""Annotations of reviewers, and the ground truth that rules make of them."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class AnnotationStatus(Enum):
    """A reviewer's judgment of the baseline's label."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"


class GroundTruthRule(Enum):
    """How annotations become the ground truth. Each value is the name of the rule on pages."""

    SINGLE = "Any reviewer, unless reviewers disagree"
    MAJORITY = "More than half of the reviewers"
    RESOLVED = "Resolved labels only"


class ReviewStatus(Enum):
    """Progress of a review."""

    OPEN = "open"
    IN_REVIEW = "in review"
    DONE = "done"


class QueueOrder(Enum):
    """Order in which images are reviewed."""

    DISAGREEMENTS = "disagreements first"
    MARGIN = "lowest margin"
    SCORE = "lowest score"
    RANDOM = "random"
    ADDED = "as added"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One reviewer's judgment of one image. A change adds an annotation: the latest counts, and all are kept.

    `label` is what the image shows, None if the reviewer is unsure. `shown` are the predictions that were visible, as
    text, empty if they were hidden. An annotation that `resolves` ends a disagreement or was set directly: it overrides
    all others; without a label it clears an earlier resolution.
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
    """Review settings of a session. With `blind`, reviewers see neither predictions nor annotations of others.

    `seed` determines the random order of each reviewer. A review that is done is read-only until it is reopened.
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
    """An image to review, with the values that queues are sorted by: None without predictions."""

    sha256: str
    differs: bool
    lowest_margin: float | None
    lowest_score: float | None


def find_latest(annotations: Sequence[Annotation]) -> dict[tuple[str, str], Annotation]:
    """Return the current annotation of each image and reviewer; `annotations` are oldest first."""
    latest = {
        (annotation.sha256, annotation.reviewer): annotation for annotation in annotations if not annotation.resolves
    }
    return {
        key: annotation for key, annotation in latest.items() if annotation.status is not AnnotationStatus.WITHDRAWN
    }


def find_labels_by_reviewer(annotations: Sequence[Annotation]) -> dict[str, dict[str, str]]:
    """Return the current labels by reviewer and image; reviewers are in the order of their first annotation."""
    current: dict[str, dict[str, str]] = {}
    for (sha256, reviewer), annotation in find_latest(annotations).items():
        if annotation.label is not None:
            current.setdefault(reviewer, {})[sha256] = annotation.label
    return current


def find_resolved(annotations: Sequence[Annotation]) -> dict[str, str]:
    """Return the resolved labels by image, without those that were cleared."""
    latest = {annotation.sha256: annotation.label for annotation in annotations if annotation.resolves}
    return {sha256: label for sha256, label in latest.items() if label is not None}


def find_ground_truth(annotations: Sequence[Annotation], rule: GroundTruthRule) -> str | None:
    """Return the true label of an image by the rule; `annotations` are all of this image, oldest first."""
    resolved = next(iter(find_resolved(annotations).values()), None)
    if resolved is not None or rule is GroundTruthRule.RESOLVED:
        return resolved
    current = [annotation.label for annotation in find_latest(annotations).values()]
    labels = Counter(label for label in current if label is not None)
    if rule is GroundTruthRule.SINGLE:
        return next(iter(labels)) if len(labels) == 1 else None
    return next((label for label, count in labels.items() if count * 2 > len(current)), None)


def normalize_label(text: str) -> str:
    """Return the label in composed form (NFC), in which labels are stored and compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def normalize_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels in composed form (NFC), in their order."""
    return tuple(map(normalize_label, labels))


def match_label(text: str, known: Iterable[str]) -> str:
    """Return the known label that equals the text in composed form (NFC), or else the text in that form.

    Labels that earlier releases stored may be in another form, and stay as they are.
    """
    label = normalize_label(text)
    return next((other for other in known if normalize_label(other) == label), label)
