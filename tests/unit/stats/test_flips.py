"""Fixes, regressions and disagreements, the most telling ones first."""

from lib.stats.flips import find_disagreements, find_fixes, find_regressions
from tests.builders.pairs import make_pair, make_prediction_summary


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
