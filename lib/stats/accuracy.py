"""The accuracy of each version, which needs labels among the images on which versions agree, too."""

from collections.abc import Callable, Sequence
from itertools import takewhile

from lib.domain.pairs import Pair, PredictionSummary
from lib.stats.strata import Proportion, Stratum, estimate_proportion

GroupedPair = tuple[Pair, int]
"""A pair with the number of its group of near-duplicates."""


def estimate_accuracies(
    grouped: Sequence[GroupedPair], threshold: float
) -> tuple[Proportion | None, Proportion | None]:
    """Return the accuracies of baseline and candidate; None while a stratum has no label.

    The strata are the images on which the versions agree, and those on which they do not. The labels that count are
    the beginning of the review order of each, without those that are unsure.
    """
    strata = [[item for item in grouped if item[0].differs_at(threshold) is differs] for differs in (False, True)]

    def estimate(get: Callable[[Pair], PredictionSummary]) -> Proportion | None:
        return estimate_proportion([_count(stratum, get, threshold) for stratum in strata])

    return estimate(lambda pair: pair.baseline), estimate(lambda pair: pair.candidate)


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
