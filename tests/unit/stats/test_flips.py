"""Fixes, regressions and disagreements, sorted by relevance."""

from lib.stats.flips import (
    find_blocking_regressions,
    find_disagreements,
    find_fixes,
    find_open_must_not_regress,
    find_regressions,
)
from tests.builders.pairs import make_pair, make_prediction_summary


def test_regressions_come_with_the_most_confident_mistake_first() -> None:
    unsure = make_pair("cat", make_prediction_summary("dog", 0.5), name="unsure")
    sure = make_pair("cat", make_prediction_summary("dog", 0.9), name="sure")
    pairs = [unsure, make_pair(), sure, make_pair("dog", "cat"), make_pair("cat", "dog", true_label=None)]

    assert find_regressions(pairs, 0) == [sure, unsure]


def test_must_not_regress_images_come_before_more_confident_regressions() -> None:
    sure = make_pair("cat", make_prediction_summary("dog", 0.9), name="sure")
    marked = make_pair("cat", make_prediction_summary("dog", 0.5), name="marked", must_not_regress=True)

    assert find_regressions([sure, marked], 0) == [marked, sure]


def test_a_regression_blocks_at_any_place_in_the_review_order() -> None:
    unlabeled = make_pair("cat", "dog", None, place=0)
    marked = make_pair("cat", "dog", name="marked", place=1, must_not_regress=True)

    assert find_blocking_regressions([unlabeled, marked, make_pair("cat", "dog")], 0) == [marked]


def test_fixes_and_images_without_a_final_word_do_not_block() -> None:
    fix = make_pair("dog", "cat", must_not_regress=True)
    disputed = make_pair("cat", "dog", is_final=False, must_not_regress=True)

    assert find_blocking_regressions([fix, disputed], 0) == []


def test_a_label_that_falls_below_the_threshold_blocks() -> None:
    weaker = make_pair(make_prediction_summary("cat", 0.9), make_prediction_summary("cat", 0.4), must_not_regress=True)

    assert (find_blocking_regressions([weaker], 0.4), find_blocking_regressions([weaker], 0.5)) == ([], [weaker])


def test_only_disagreements_without_a_final_word_leave_the_set_open() -> None:
    open_ = make_pair("cat", "dog", None, name="open", must_not_regress=True)
    pairs = [
        open_,
        make_pair("cat", "cat", None, must_not_regress=True),
        make_pair("cat", "dog", None, is_final=True, must_not_regress=True),
        make_pair("cat", "dog", None),
    ]

    assert find_open_must_not_regress(pairs, 0) == [open_]


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
