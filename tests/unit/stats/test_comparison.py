"""The verdict of a comparison and its evidence."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.pairs import Pair
from lib.stats.comparison import Verdict, compare, compare_many, is_distribution
from tests.builders.pairs import make_pair, make_pairs, make_prediction_summary

OUTCOME = st.sampled_from(["cat", "dog", None])
HASH = st.one_of(st.none(), st.integers(0, 2**64 - 1))


@st.composite
def sessions(draw: st.DrawFn) -> list[Pair]:
    """Images in a random order; some have no final word."""
    size = draw(st.integers(0, 30))
    return [
        make_pair(draw(OUTCOME), draw(OUTCOME), draw(OUTCOME), name=str(place), place=place, perceptual_hash=draw(HASH))
        for place in range(size)
    ]


def swap(pair: Pair) -> Pair:
    return replace(pair, baseline=pair.candidate, candidate=pair.baseline)


def hide_labels(pairs: list[Pair], after: int) -> list[Pair]:
    """The same images, of which only the first in review order are labeled."""
    return [
        pair
        if place < after
        else make_pair(pair.baseline, pair.candidate, None, name=pair.sha256, place=int(pair.place.draw))
        for place, pair in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        # Two-sided binomial tests: 20 of 23 gives 0.0005, 9 of 12 gives 0.15.
        ({"fixes": 20, "regressions": 3, "both_right": 97}, Verdict.BETTER),
        ({"fixes": 3, "regressions": 20, "both_right": 97}, Verdict.WORSE),
        ({"fixes": 9, "regressions": 3, "both_right": 108}, Verdict.NO_DIFFERENCE),
        ({"both_right": 120}, Verdict.NO_DIFFERENCE),
        ({"both_wrong": 1}, Verdict.NO_DIFFERENCE),
        ({}, Verdict.NO_DIFFERENCE),
    ],
)
def test_the_final_mcnemar_test_uses_a_significance_level_of_four_percent(
    outcomes: dict[str, int], verdict: Verdict
) -> None:
    assert compare(make_pairs(**outcomes)).verdict is verdict


def test_a_final_p_value_of_five_percent_is_not_significant() -> None:
    # The binomial test gives 0.041 for 15 of 20. The regressions come first, so that E never exceeds 6.
    pairs = [make_pair("cat", "dog", name=f"regression {place}", place=place) for place in range(5)]
    pairs += [make_pair("dog", "cat", name=f"fix {place}", place=5 + place) for place in range(15)]

    assert compare(pairs).verdict is Verdict.NO_DIFFERENCE


def test_labels_of_images_with_equal_predictions_do_not_affect_the_verdict() -> None:
    labeled = make_pairs(fixes=20, regressions=3, both_right=97)
    agreeing = [make_pair("cat", "cat", None, name=str(place), place=place) for place in range(97)]

    without = compare([*labeled[:23], *agreeing])

    assert (without.verdict, without.interval) == (Verdict.BETTER, compare(labeled).interval)


def test_an_early_verdict_uses_the_e_value_at_one_percent() -> None:
    # E(10, 0) = 93 is short of 100; E(11, 0) = 171 is beyond it.
    pairs = make_pairs(fixes=40, both_right=60)

    assert compare(hide_labels(pairs, 10)).verdict is Verdict.NOT_ENOUGH_LABELS
    assert compare(hide_labels(pairs, 11)).verdict is Verdict.BETTER


def test_labels_out_of_review_order_do_not_affect_the_verdict() -> None:
    # 20 fixes were looked for and labeled; the first image in the review order was not.
    pairs = [make_pair("dog", "cat", None, name="first"), *make_pairs(fixes=20)]
    ordered = [pairs[0], *(make_pair("dog", "cat", name=str(place), place=place) for place in range(1, 21))]

    found = compare(ordered)

    assert (found.verdict, found.labeled, found.prefix.waiting) == (Verdict.NOT_ENOUGH_LABELS, 0, 20)


def test_the_verdict_reports_futility() -> None:
    # 10 and 10 of 22: neither 12 to 10 nor 10 to 12 is significant.
    pairs = make_pairs(fixes=10, regressions=12, both_right=100)

    assert compare(hide_labels(pairs, 20)).verdict is Verdict.CANNOT_BE_SETTLED


def test_non_inferiority_is_a_separate_verdict() -> None:
    pairs = make_pairs(both_right=600, fixes=3, regressions=3)

    assert compare(pairs, margin=0.02).verdict is Verdict.NO_WORSE
    assert compare(pairs, margin=0.001).verdict is Verdict.NO_DIFFERENCE


def test_no_worse_needs_the_score_test_where_an_interval_would_be_too_narrow() -> None:
    # No fix and 5 regressions of 600: Bonett and Price's 96% interval begins at -1.7 points, Tango's one-sided p-value
    # against 2 points is 0.0206, above 0.02. With 4 regressions it is below 0.01.
    assert compare(make_pairs(both_right=595, regressions=5), margin=0.02).verdict is Verdict.NO_DIFFERENCE
    assert compare(make_pairs(both_right=596, regressions=4), margin=0.02).verdict is Verdict.NO_WORSE


def test_a_significant_regression_within_the_margin_is_a_separate_verdict() -> None:
    # 9 regressions of 1,200 images are 0.75 points; the binomial test gives 0.004.
    pairs = make_pairs(both_right=1191, regressions=9)

    assert compare(pairs, margin=0.02).verdict is Verdict.WORSE_WITHIN_MARGIN
    assert compare(pairs, margin=0.005).verdict is Verdict.WORSE


def test_near_duplicates_count_as_one_image() -> None:
    burst = [make_pair("dog", "cat", name=str(place), place=place, perceptual_hash=7) for place in range(12)]
    different = make_pairs(fixes=12)

    assert compare(burst).verdict is Verdict.NO_DIFFERENCE
    assert compare(different).verdict is Verdict.BETTER


def test_several_candidates_each_need_more_evidence() -> None:
    # 9 of 10 flips: p = 0.021, which two more candidates make 0.064.
    good = make_pairs(both_right=100, fixes=9, regressions=1)
    others = make_pairs(both_right=100, fixes=5, regressions=5)

    alone = compare_many({"v2": good})
    together = compare_many({"v2": good, "v3": others, "v4": others})

    assert (alone["v2"].verdict, together["v2"].verdict) == (Verdict.BETTER, Verdict.NO_DIFFERENCE)
    assert together["v2"].census_p == pytest.approx(3 * alone["v2"].census_p)


def test_images_without_a_label_at_the_threshold_are_counted() -> None:
    pairs = [make_pair(make_prediction_summary(score=0.4), make_prediction_summary(score=0.6)), make_pair(None, None)]

    assert compare(pairs, threshold=0.5).without_label == (2, 1)


def test_accuracy_requires_labels_of_images_with_equal_predictions() -> None:
    disagreeing = make_pairs(fixes=3, regressions=1)
    agreeing = [make_pair(true_label=None, name=f"agreeing {place}", place=place) for place in range(4)]

    assert compare([*disagreeing, *agreeing]).accuracies == (None, None)

    agreeing[0] = make_pair(name="agreeing 0")
    baseline, candidate = compare([*disagreeing, *agreeing]).accuracies

    assert baseline is not None
    assert candidate is not None
    # All that are labeled of the half on which they agree are right, and 1 and 3 of 4 of the other half.
    assert (baseline.value, candidate.value) == (0.625, 0.875)


@given(sessions(), st.sampled_from([0.0, 0.8]))
def test_any_pairs_give_a_verdict_with_consistent_bounds(pairs: list[Pair], threshold: float) -> None:
    found = compare(pairs, threshold=threshold, margin=0.01)

    assert -1 <= found.sure_bounds.low <= found.sure_bounds.high <= 1
    assert -1 <= found.interval.low <= found.interval.high <= 1
    assert 0 <= found.early_p <= 1
    assert 0 <= found.census_p <= 1
    assert found.labeled + found.prefix.left == found.disagreements <= found.images


@given(sessions())
def test_swapping_the_versions_mirrors_the_verdict(pairs: list[Pair]) -> None:
    here, there = compare(pairs), compare([swap(pair) for pair in pairs])

    mirrored = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    assert there.verdict is mirrored.get(here.verdict, here.verdict)
    assert there.prefix.counts.estimate == -here.prefix.counts.estimate


@given(sessions(), st.integers(0, 2**32))
def test_the_order_in_which_images_were_added_does_not_matter(pairs: list[Pair], seed: int) -> None:
    alone = [
        make_pair(pair.baseline, pair.candidate, pair.true_label, name=pair.sha256, place=place)
        for place, pair in enumerate(pairs)
    ]
    shuffled = random.Random(seed).sample(alone, len(alone))
    here, there = compare(alone), compare(shuffled)

    assert (there.verdict, there.interval, there.prefix.counts) == (here.verdict, here.interval, here.prefix.counts)


def test_scores_that_do_not_sum_to_one_are_not_a_distribution() -> None:
    assert is_distribution([make_prediction_summary(total=1.05)] * 10)
    assert not is_distribution([make_prediction_summary(total=1.45)] * 10)
    assert is_distribution([])
