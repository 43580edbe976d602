"""The verdict, and what it rests on."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.pairs import Pair
from lib.stats.comparison import (
    Comparison,
    Verdict,
    compare,
    compare_many,
    find_disagreements,
    find_fixes,
    find_regressions,
    is_distribution,
)
from tests.builders.pairs import make_pair, make_pairs, make_prediction_summary

OUTCOME = st.sampled_from(["cat", "dog", None])
PAIRS = st.lists(
    st.builds(make_pair, OUTCOME, OUTCOME, OUTCOME, perceptual_hash=st.one_of(st.none(), st.integers(0, 2**64 - 1))),
    max_size=40,
)


def swapped(pairs: list[Pair]) -> list[Pair]:
    return [
        make_pair(pair.candidate, pair.baseline, pair.true_label, perceptual_hash=pair.perceptual_hash)
        for pair in pairs
    ]


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        # Two-sided binomial tests: 20 of 23 gives 0.0005, 9 of 12 gives 0.15, 3 of 6 gives 1.
        ({"fixes": 20, "regressions": 3, "both_right": 97}, Verdict.BETTER),
        ({"fixes": 3, "regressions": 20, "both_right": 97}, Verdict.WORSE),
        ({"fixes": 9, "regressions": 3, "both_right": 108}, Verdict.NOT_ENOUGH_EVIDENCE),
        ({"fixes": 3, "regressions": 3, "both_right": 114}, Verdict.NOT_ENOUGH_EVIDENCE),
        ({"both_right": 120}, Verdict.NO_DIFFERENCE),
        ({"both_wrong": 1}, Verdict.NO_DIFFERENCE),
        ({}, Verdict.NO_GROUND_TRUTH),
    ],
)
def test_the_verdict_follows_from_fixes_and_regressions(outcomes: dict[str, int], verdict: Verdict) -> None:
    assert compare(make_pairs(**outcomes)).verdict is verdict


def test_no_worse_than_a_margin_is_a_separate_verdict() -> None:
    pairs = make_pairs(both_right=600, fixes=3, regressions=3)

    assert compare(pairs, margin=0.02).verdict is Verdict.NO_WORSE
    assert compare(pairs, margin=0.001).verdict is Verdict.NOT_ENOUGH_EVIDENCE


def test_a_candidate_that_is_significantly_worse_is_worse_whatever_the_margin() -> None:
    assert compare(make_pairs(both_right=97, fixes=3, regressions=20), margin=0.5).verdict is Verdict.WORSE


def test_images_without_ground_truth_count_for_agreement_only() -> None:
    found = compare([make_pair("cat", "dog", true_label=None), make_pair()])

    assert (found.images, found.labeled, found.agreement.images, found.agreement.same) == (2, 1, 2, 1)


def test_near_duplicates_count_as_one_image() -> None:
    # Twelve different pictures would settle it (p = 0.0005); a burst of twelve of one motif does not.
    burst = [make_pair("dog", "cat", perceptual_hash=7) for _ in range(12)]
    different = [make_pair("dog", "cat", perceptual_hash=random.Random(place).getrandbits(64)) for place in range(12)]

    assert (compare(burst).verdict, compare(burst).independent) == (Verdict.NOT_ENOUGH_EVIDENCE, 1)
    assert (compare(different).verdict, compare(different).independent) == (Verdict.BETTER, 12)


def test_several_candidates_each_need_more_evidence() -> None:
    # 9 of 10 flips: p = 0.021, which two more candidates make 0.064.
    good = make_pairs(both_right=100, fixes=9, regressions=1)
    others = make_pairs(both_right=100, fixes=5, regressions=5)

    alone = compare_many({"v2": good})
    together = compare_many({"v2": good, "v3": others, "v4": others})

    assert (alone["v2"].verdict, together["v2"].verdict) == (Verdict.BETTER, Verdict.NOT_ENOUGH_EVIDENCE)
    assert together["v2"].adjusted_p == pytest.approx(3 * together["v2"].p)


def test_images_without_a_label_at_the_threshold_are_counted() -> None:
    pairs = [make_pair(make_prediction_summary(score=0.4), make_prediction_summary(score=0.6)), make_pair(None, None)]

    assert compare(pairs, threshold=0.5).without_label == (2, 1)


@given(PAIRS, st.sampled_from([0.0, 0.8]))
def test_any_images_give_a_verdict_with_bounds_that_make_sense(pairs: list[Pair], threshold: float) -> None:
    found = compare(pairs, threshold=threshold, margin=0.01)

    assert -1 <= found.interval.low <= found.outcomes.difference <= found.interval.high <= 1
    assert 0 <= found.p <= found.adjusted_p <= 1
    assert found.labeled <= found.images
    assert found.independent <= found.images


@given(PAIRS)
def test_with_the_versions_swapped_the_verdict_is_mirrored(pairs: list[Pair]) -> None:
    here, there = compare(pairs), compare(swapped(pairs))

    mirrored = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    assert there.verdict is mirrored.get(here.verdict, here.verdict)
    assert there.outcomes.difference == -here.outcomes.difference


@given(PAIRS, st.integers(0, 2**32))
def test_the_order_of_the_images_does_not_matter(pairs: list[Pair], seed: int) -> None:
    alone = [make_pair(pair.baseline, pair.candidate, pair.true_label) for pair in pairs]
    shuffled = random.Random(seed).sample(alone, len(alone))

    assert compare(shuffled) == compare(alone)


def test_regressions_come_with_the_most_confident_mistake_first() -> None:
    unsure = make_pair("cat", make_prediction_summary("dog", 0.5), name="unsure")
    sure = make_pair("cat", make_prediction_summary("dog", 0.9), name="sure")
    pairs = [unsure, make_pair(), sure, make_pair("dog", "cat"), make_pair("cat", "dog", true_label=None)]

    assert find_regressions(pairs, 0) == [sure, unsure]


def test_fixes_come_with_the_baselines_most_confident_mistake_first() -> None:
    unsure = make_pair(make_prediction_summary("dog", 0.5), "cat", name="unsure")
    sure = make_pair(make_prediction_summary("dog", 0.9), "cat", name="sure")

    assert find_fixes([unsure, sure, make_pair()], 0) == [sure, unsure]


def test_disagreements_need_no_ground_truth_and_come_with_the_largest_change_first() -> None:
    small = make_pair(
        make_prediction_summary("dog", 0.4), make_prediction_summary("cat", 0.5), true_label=None, name="small"
    )
    large = make_pair(
        make_prediction_summary("dog", 0.9), make_prediction_summary("cat", 0.3), true_label=None, name="large"
    )

    assert find_disagreements([small, make_pair(true_label=None), large], 0) == [large, small]


def test_scores_that_do_not_sum_to_one_are_no_distribution() -> None:
    assert is_distribution([make_prediction_summary(total=1.05)] * 10)
    assert not is_distribution([make_prediction_summary(total=1.45)] * 10)
    assert is_distribution([])


def test_the_interval_without_near_duplicates_is_newcombes() -> None:
    found: Comparison = compare(make_pairs(both_right=1, fixes=1, regressions=7, both_wrong=12))

    # Fagerland, Lydersen & Laake (2014), see test_paired_tests.py.
    assert (found.interval.low, found.interval.high) == pytest.approx((-0.507, -0.026), abs=0.0005)
