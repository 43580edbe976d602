"""Agreement of two versions, and of reviewers, beyond chance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.stats.intervals import RESAMPLES, SEED, Interval, exact_interval, wilson_interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """On `same` of `images` images both versions predict the same label. No label counts as a label here.

    `kappa` is Cohen's: 1 for perfect agreement, 0 for agreement by chance; None if both always predict one label.
    """

    images: int
    same: int
    kappa: float | None

    @property
    def share(self) -> float:
        """Share of the images with the same label, 0 to 1; 0 for no images."""
        return self.same / self.images if self.images else 0.0

    @property
    def interval(self) -> Interval:
        """Wilson's interval of the share."""
        return wilson_interval(self.same, self.images)


def compute_agreement(first: Sequence[str | None], second: Sequence[str | None]) -> Agreement:
    """Return the agreement of two rows of labels, image by image. Raises ValueError if they differ in length.

    Source of kappa: Cohen (1960), Educ. Psychol. Meas. 20:37.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} labels cannot be compared with {len(second)}")
    images = len(first)
    same = sum(label == other for label, other in zip(first, second, strict=True))
    first_counts, second_counts = Counter(first), Counter(second)
    # In integers (images squared), so that no rounding hides that agreement by chance is certain.
    by_chance = sum(count * second_counts[label] for label, count in first_counts.items())
    total = images * images
    kappa = None if by_chance == total else (same * images - by_chance) / (total - by_chance)
    return Agreement(images, same, kappa)


MIN_IMAGES = 20
"""With fewer images the bootstrap of kappa and alpha covers far less than 95%."""

LabelsByReviewer = Mapping[str, Mapping[str, TrueLabel]]
"""Labels by reviewer and image."""


@dataclass(frozen=True, slots=True)
class ReviewerAgreement:
    """Agreement beyond chance of `reviewers` people on the `images` that at least two of them labeled.

    `measure` is "Cohen's kappa" for two reviewers, "Krippendorff's alpha" for more. `value` is 1 for perfect agreement
    and 0 for agreement by chance, None if all labels are the same; `interval` is its 95% interval, by bootstrap over
    the images, None for fewer than MIN_IMAGES.
    """

    reviewers: int
    images: int
    measure: str
    value: float | None
    interval: Interval | None


def compute_reviewer_agreement(labels_by_reviewer: LabelsByReviewer) -> ReviewerAgreement | None:
    """Return the agreement of the reviewers; None if no image was labeled by two of them.

    Source: Cohen (1960), Educ. Psychol. Meas. 20:37; Krippendorff (2011), "Computing Krippendorff's alpha-reliability",
    for nominal data with missing values.
    """
    counts = _count_labels(labels_by_reviewer)
    if not len(counts):
        return None
    weights = np.random.default_rng(SEED).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), RESAMPLES)
    weights = np.vstack([np.ones(len(counts)), weights])
    if len(labels_by_reviewer) == 2:
        measure, values = "Cohen's kappa", _kappa(labels_by_reviewer, weights)
    else:
        measure, values = "Krippendorff's alpha", _alpha(counts, weights)
    value = None if np.isnan(values[0]) else float(values[0])
    interval = None
    if value is not None and len(counts) >= MIN_IMAGES:
        interval = _interval(values[1:]) if value < 1 else _interval_of_perfect(counts)
    return ReviewerAgreement(len(labels_by_reviewer), len(counts), measure, value, interval)


def find_label_conflicts(labels_by_reviewer: LabelsByReviewer) -> list[str]:
    """Return the images with different labels, in the order in which reviewers first labeled them."""
    labels_by_image: dict[str, set[TrueLabel]] = {}
    for labels in labels_by_reviewer.values():
        for sha256, label in labels.items():
            labels_by_image.setdefault(sha256, set()).add(label)
    return [sha256 for sha256, labels in labels_by_image.items() if len(labels) > 1]


def _find_shared_images(labels_by_reviewer: LabelsByReviewer) -> list[str]:
    images = dict.fromkeys(sha256 for labels in labels_by_reviewer.values() for sha256 in labels)
    return [sha256 for sha256 in images if sum(sha256 in labels for labels in labels_by_reviewer.values()) > 1]


def _index_labels(labels_by_reviewer: LabelsByReviewer) -> dict[TrueLabel, int]:
    """Return the column of each label."""
    known = {label for labels in labels_by_reviewer.values() for label in labels.values()}
    names = sorted(known, key=lambda label: label.labels)
    return {label: column for column, label in enumerate(names)}


def _count_labels(labels_by_reviewer: LabelsByReviewer) -> np.ndarray:
    """Return how often each image got each label: shape (images, labels), for images with two labels or more."""
    images = _find_shared_images(labels_by_reviewer)
    columns = _index_labels(labels_by_reviewer)
    counts = np.zeros((len(images), len(columns)))
    for row, sha256 in enumerate(images):
        for labels in labels_by_reviewer.values():
            if sha256 in labels:
                counts[row, columns[labels[sha256]]] += 1
    return counts


def _alpha(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Krippendorff's alpha for each row of weights, which are how often each image counts."""
    labels_per_image = counts.sum(axis=1)
    agreeing = (counts * (counts - 1)).sum(axis=1) / (labels_per_image - 1)
    total = weights @ labels_per_image
    per_label = weights @ counts
    observed = 1 - (weights @ agreeing) / total
    by_chance = 1 - (per_label * (per_label - 1)).sum(axis=1) / (total * (total - 1))
    return _correct_for_chance(observed, by_chance)


def _kappa(labels_by_reviewer: LabelsByReviewer, weights: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa of two reviewers for each row of weights."""
    images = _find_shared_images(labels_by_reviewer)
    columns = _index_labels(labels_by_reviewer)
    first, second = (
        np.eye(len(columns))[[columns[labels[sha256]] for sha256 in images]] for labels in labels_by_reviewer.values()
    )
    same = (first * second).sum(axis=1)
    total = weights.sum(axis=1)
    observed = 1 - (weights @ same) / total
    by_chance = 1 - ((weights @ first) * (weights @ second)).sum(axis=1) / total**2
    return _correct_for_chance(observed, by_chance)


def _correct_for_chance(observed: np.ndarray, by_chance: np.ndarray) -> np.ndarray:
    """Return agreement beyond chance from both disagreements; NaN if disagreement is impossible by chance."""
    possible = np.where(by_chance > 1e-12, by_chance, np.nan)
    values: np.ndarray = 1 - observed / possible
    return values


def _interval_of_perfect(counts: np.ndarray) -> Interval:
    """Return the interval where nobody differs: as many images may still hide a few on which reviewers do.

    Resampling would never find them, so the share of disagreement is bounded exactly, and chance taken as it is seen.
    """
    shares = counts.sum(axis=0) / counts.sum()
    by_chance = 1 - float(np.sum(shares**2))
    most_disagreement = 1 - exact_interval(len(counts), len(counts)).low
    return Interval(max(-1.0, 1 - most_disagreement / by_chance), 1.0)


def _interval(values: np.ndarray) -> Interval:
    # A resample in which all labels are the same has no agreement beyond chance.
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (-1.0, 1.0)
    return Interval(float(low), float(high))
