"""The accuracy of each version, and the labeled images that stand for all.

Both need labels among the images on which versions agree, too: these are labeled far less often than the others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import Pair, PredictionSummary
from lib.stats.intervals import Weighting
from lib.stats.strata import Proportion, Stratum, estimate_proportion
from lib.stats.thresholds import ScoredStratum

GroupedPair = tuple[Pair, int]
"""A pair with the number of its group of near-duplicates."""


def estimate_accuracies(
    grouped: Sequence[GroupedPair], threshold: float
) -> tuple[Proportion | None, Proportion | None]:
    """Return the accuracies of baseline and candidate; None while a stratum has no label.

    The strata are the images on which the versions agree, and those on which they do not. The labels that count are
    the beginning of the review order of each, without those that are unsure.
    """
    strata = _split(grouped, threshold)

    def estimate(get: Callable[[Pair], PredictionSummary]) -> Proportion | None:
        return estimate_proportion([_count(stratum, get, threshold) for stratum in strata])

    return estimate(lambda pair: pair.baseline), estimate(lambda pair: pair.candidate)


def estimate_each_accuracy(
    pairs: Mapping[str, Sequence[Pair]], groups: Mapping[str, int], threshold: float
) -> dict[str, Proportion | None]:
    """Return the accuracy of several versions on the images that all predicted; None while a stratum has no label.

    `pairs` are those of each version, as the candidate, by its name; `groups` are of near-duplicates, by SHA-256. The
    strata are the images on which all versions agree, and the others.
    """
    by_image = {name: {pair.sha256: pair for pair in own} for name, own in pairs.items()}
    common = set[str].intersection(*map(set, by_image.values())) if by_image else set()
    labels = {sha256: {own[sha256].candidate.label_at(threshold) for own in by_image.values()} for sha256 in common}

    def split(own: Mapping[str, Pair]) -> Iterator[Stratum]:
        for differs in (False, True):
            stratum = [(own[sha256], groups[sha256]) for sha256 in common if (len(labels[sha256]) > 1) is differs]
            yield _count(stratum, lambda pair: pair.candidate, threshold)

    return {name: estimate_proportion(list(split(own))) for name, own in by_image.items()}


@dataclass(frozen=True, slots=True)
class LabeledSample:
    """Labeled images that stand for all images."""

    pairs: tuple[Pair, ...]
    weighting: Weighting

    @property
    def true_labels(self) -> list[TrueLabel]:
        """The true labels of the images."""
        return [pair.true_label for pair in self.pairs if pair.true_label is not None]


def find_sample(grouped: Sequence[GroupedPair], threshold: float) -> LabeledSample | None:
    """Return the labeled images of both strata with their weights; None while a stratum has no label."""
    sampled: list[GroupedPair] = []
    weights: list[float] = []
    for stratum in filter(None, _split(grouped, threshold)):
        labeled = find_labeled(stratum)
        if not labeled:
            return None
        sampled += labeled
        weights += [len(stratum) / len(labeled)] * len(labeled)
    if not sampled:
        return None
    groups = np.array([group for _, group in sampled])
    return LabeledSample(tuple(pair for pair, _ in sampled), Weighting(np.array(weights), groups))


def find_scored_strata(
    grouped: Sequence[GroupedPair], threshold: float, get: Callable[[Pair], PredictionSummary]
) -> list[ScoredStratum]:
    """Return the top scores of a version on the images of both strata."""
    return [_score(stratum, get) for stratum in filter(None, _split(grouped, threshold))]


def _score(stratum: Sequence[GroupedPair], get: Callable[[Pair], PredictionSummary]) -> ScoredStratum:
    labeled = find_labeled(stratum)
    correct = [pair.true_label is not None and pair.true_label.accepts(get(pair).label) for pair, _ in labeled]
    return ScoredStratum(
        np.array([_find_score(get(pair)) for pair, _ in stratum]),
        np.array([_find_score(get(pair)) for pair, _ in labeled]),
        np.array(correct, int),
        np.array([group for _, group in labeled], int),
    )


def _find_score(prediction: PredictionSummary) -> float:
    return prediction.score if prediction.label is not None else -1.0


def _split(grouped: Sequence[GroupedPair], threshold: float) -> list[list[GroupedPair]]:
    """Return the images on which the versions agree, and those on which they do not."""
    return [[item for item in grouped if item[0].differs_at(threshold) is differs] for differs in (False, True)]


def find_labeled(stratum: Sequence[GroupedPair]) -> list[GroupedPair]:
    """Return the labeled images before the first in review order that has no final word."""
    ordered = sorted(stratum, key=lambda item: item[0].place)
    return [item for item in takewhile(lambda item: item[0].is_final, ordered) if item[0].true_label is not None]


def _count(stratum: Sequence[GroupedPair], get: Callable[[Pair], PredictionSummary], threshold: float) -> Stratum:
    labeled = find_labeled(stratum)
    right = sum(
        pair.true_label is not None and pair.true_label.accepts(get(pair).label_at(threshold)) for pair, _ in labeled
    )
    return Stratum(len(stratum), len(labeled), right, independent=len({group for _, group in labeled}))
