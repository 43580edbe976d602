"""How often two versions say the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.stats.intervals import RESAMPLES, SEED, Interval, wilson_interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `images` images, `same` got the same label from both; no label is a label of its own here.

    `kappa` is Cohen's: 1 for always, 0 for as often as by chance; None where both only ever say one and the same.
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


def agree(first: Sequence[str | None], second: Sequence[str | None]) -> Agreement:
    """How well two rows of labels agree, image by image. Raises ValueError where they differ in length.

    Source of kappa: Cohen (1960), Educ. Psychol. Meas. 20:37.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} labels cannot be set beside {len(second)}")
    images = len(first)
    same = sum(one == other for one, other in zip(first, second, strict=True))
    of_first, of_second = Counter(first), Counter(second)
    # Counted in whole images squared, so that no rounding hides that agreement by chance is certain.
    by_chance = sum(count * of_second[label] for label, count in of_first.items())
    everything = images * images
    kappa = None if by_chance == everything else (same * images - by_chance) / (everything - by_chance)
    return Agreement(images, same, kappa)


# Said by reviewers: for each, by image, the label given.
Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ReviewerAgreement:
    """Agreement beyond chance of `reviewers` people on the `images` that at least two of them labeled.

    `measure` names the figure: Cohen's kappa for two people, Krippendorff's alpha for more. `value` is 1 for always
    and 0 for as often as by chance, None where all only ever gave one and the same label; `interval` holds it with
    95%, by bootstrap over the images.
    """

    reviewers: int
    images: int
    measure: str
    value: float | None
    interval: Interval | None


def agree_reviewers(words: Words) -> ReviewerAgreement | None:
    """Agreement of the reviewers; None where no image was labeled by two of them.

    Source: Cohen (1960), Educ. Psychol. Meas. 20:37; Krippendorff (2011), "Computing Krippendorff's alpha-reliability",
    for nominal data with gaps.
    """
    counts = _count(words)
    if not len(counts):
        return None
    weights = np.random.default_rng(SEED).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), RESAMPLES)
    weights = np.vstack([np.ones(len(counts)), weights])
    if len(words) == 2:
        measure, values = "Cohen's kappa", _kappa(words, weights)
    else:
        measure, values = "Krippendorff's alpha", _alpha(counts, weights)
    value = None if np.isnan(values[0]) else float(values[0])
    interval = None if value is None else _interval(values[1:])
    return ReviewerAgreement(len(words), len(counts), measure, value, interval)


def find_differences(words: Words) -> list[str]:
    """Images with different labels, in the order in which the first reviewer comes to them."""
    said: dict[str, set[str]] = {}
    for mine in words.values():
        for sha256, label in mine.items():
            said.setdefault(sha256, set()).add(label)
    return [sha256 for sha256, labels in said.items() if len(labels) > 1]


def _shared(words: Words) -> list[str]:
    images = dict.fromkeys(sha256 for mine in words.values() for sha256 in mine)
    return [sha256 for sha256 in images if sum(sha256 in mine for mine in words.values()) > 1]


def _places(words: Words) -> dict[str, int]:
    """The column of each label."""
    labels = sorted({label for mine in words.values() for label in mine.values()})
    return {label: place for place, label in enumerate(labels)}


def _count(words: Words) -> np.ndarray:
    """How often each image got each label: shape (images, labels), for images with two labels or more."""
    images = _shared(words)
    labels = _places(words)
    counts = np.zeros((len(images), len(labels)))
    for row, sha256 in enumerate(images):
        for mine in words.values():
            if sha256 in mine:
                counts[row, labels[mine[sha256]]] += 1
    return counts


def _alpha(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Krippendorff's alpha for each row of weights, that say how often each image counts."""
    given = counts.sum(axis=1)
    agreeing = (counts * (counts - 1)).sum(axis=1) / (given - 1)
    total = weights @ given
    per_label = weights @ counts
    seen = 1 - (weights @ agreeing) / total
    by_chance = 1 - (per_label * (per_label - 1)).sum(axis=1) / (total * (total - 1))
    return _beyond_chance(seen, by_chance)


def _kappa(words: Words, weights: np.ndarray) -> np.ndarray:
    """Cohen's kappa of two reviewers for each row of weights."""
    images = _shared(words)
    labels = _places(words)
    first, second = (np.eye(len(labels))[[labels[mine[sha256]] for sha256 in images]] for mine in words.values())
    same = (first * second).sum(axis=1)
    total = weights.sum(axis=1)
    seen = 1 - (weights @ same) / total
    by_chance = 1 - ((weights @ first) * (weights @ second)).sum(axis=1) / total**2
    return _beyond_chance(seen, by_chance)


def _beyond_chance(seen: np.ndarray, by_chance: np.ndarray) -> np.ndarray:
    """Not a number where chance leaves nothing to disagree on."""
    possible = np.where(by_chance > 1e-12, by_chance, np.nan)
    values: np.ndarray = 1 - seen / possible
    return values


def _interval(values: np.ndarray) -> Interval:
    # A draw in which all gave one label says nothing of agreement beyond chance.
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (-1.0, 1.0)
    return Interval(float(low), float(high))
