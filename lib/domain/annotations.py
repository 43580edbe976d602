"""Annotations of reviewers, and the ground truth that rules make of them."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Self


@dataclass(frozen=True, slots=True)
class TrueLabel:
    """What an image shows: one label, several acceptable ones, or (empty) none of the labels that versions know."""

    labels: tuple[str, ...]

    @classmethod
    def one(cls, label: str) -> Self:
        """A single label."""
        return cls((label,))

    def accepts(self, predicted: str | None) -> bool:
        """Report whether a version with this top label (None: no label) is right."""
        return predicted in self.labels if self.labels else predicted is None

    def __str__(self) -> str:
        """The labels as pages show them."""
        return " or ".join(self.labels) or NONE_OF_THESE


NONE_OF_THESE = "none of these labels"


class AnnotationStatus(Enum):
    """What a reviewer said of an image: a true label, unsure, or nothing any longer."""

    LABELED = "labeled"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"


class GroundTruthRule(Enum):
    """How annotations become the ground truth. Each value is the name of the rule on pages."""

    SINGLE = "Any reviewer, unless reviewers disagree"
    MAJORITY = "More than half of the reviewers"
    RESOLVED = "Resolved labels only"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One reviewer's judgment of one image. A change adds an annotation: the latest counts, and all are kept.

    `label` is what the image shows, None unless the status is LABELED. `shown` are the predictions that were visible,
    as text, empty if they were hidden. An annotation that `resolves` ends a disagreement or was set directly: it
    overrides all others; a withdrawn one clears an earlier resolution.
    """

    sha256: str
    reviewer: str
    status: AnnotationStatus
    label: TrueLabel | None
    made_at: datetime
    note: str = ""
    shown: tuple[str, ...] = ()
    resolves: bool = False


def find_latest(annotations: Sequence[Annotation]) -> dict[tuple[str, str], Annotation]:
    """Return the current annotation of each image and reviewer; `annotations` are oldest first."""
    latest = {
        (annotation.sha256, annotation.reviewer): annotation for annotation in annotations if not annotation.resolves
    }
    return {
        key: annotation for key, annotation in latest.items() if annotation.status is not AnnotationStatus.WITHDRAWN
    }


def find_labels_by_reviewer(annotations: Sequence[Annotation]) -> dict[str, dict[str, TrueLabel]]:
    """Return the current labels by reviewer and image; reviewers are in the order of their first annotation."""
    current: dict[str, dict[str, TrueLabel]] = {}
    for (sha256, reviewer), annotation in find_latest(annotations).items():
        if annotation.label is not None:
            current.setdefault(reviewer, {})[sha256] = annotation.label
    return current


@dataclass(frozen=True, slots=True)
class FinalWord:
    """What the session's rule makes of an image's annotations: its true label, or (None) that it is unsure for good."""

    label: TrueLabel | None


def find_resolved(annotations: Sequence[Annotation]) -> dict[str, FinalWord]:
    """Return the resolutions by image, without those that were cleared."""
    latest = {annotation.sha256: annotation for annotation in annotations if annotation.resolves}
    return {
        sha256: FinalWord(annotation.label)
        for sha256, annotation in latest.items()
        if annotation.status is not AnnotationStatus.WITHDRAWN
    }


def find_final_word(annotations: Sequence[Annotation], rule: GroundTruthRule) -> FinalWord | None:
    """Return the final word on an image by the rule, None while there is none; `annotations` are of this image, oldest
    first.
    """
    resolved = next(iter(find_resolved(annotations).values()), None)
    if resolved is not None or rule is GroundTruthRule.RESOLVED:
        return resolved
    current = Counter(annotation.label for annotation in find_latest(annotations).values())
    if rule is GroundTruthRule.MAJORITY:
        return next((FinalWord(label) for label, count in current.items() if count * 2 > current.total()), None)
    labels = [label for label in current if label is not None]
    if len(labels) > 1 or not current:
        return None
    return FinalWord(labels[0] if labels else None)


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
