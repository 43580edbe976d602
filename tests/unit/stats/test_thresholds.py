"""Curves over the threshold against scikit-learn and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_score

from lib.domain.pairs import Answer
from lib.stats.thresholds import advise, sweep
from tests.builders.pairs import make_answer

SCORED = st.lists(st.tuples(st.sampled_from(["cat", "dog"]), st.floats(0.01, 1)), min_size=1, max_size=50)


def by_threshold(answers: list[Answer], truths: list[str], threshold: float) -> tuple[float, float | None, float]:
    point = next(point for point in sweep(answers, truths) if point.threshold == threshold)
    return point.answered, point.precision, point.recall


def test_a_threshold_leaves_fewer_answers_that_are_right_more_often() -> None:
    answers = [make_answer("cat", 0.9), make_answer("cat", 0.6), make_answer("dog", 0.55), make_answer("dog", 0.3)]
    truths = ["cat"] * 4

    # Of four images: all answered, two right; from 0.56 on two answered, both right; from 0.95 on none.
    assert by_threshold(answers, truths, 0.0) == (1.0, 0.5, 0.5)
    assert by_threshold(answers, truths, 0.56) == (0.5, 1.0, 0.5)
    assert by_threshold(answers, truths, 0.95) == (0.0, None, 0.0)


@given(SCORED, st.sampled_from([0.0, 0.25, 0.5, 0.75]))
def test_precision_is_what_scikit_learn_gives(scored: list[tuple[str, float]], threshold: float) -> None:
    answers = [make_answer(label, score) for label, score in scored]

    _, precision, _ = by_threshold(answers, ["cat"] * len(answers), threshold)

    right = [label == "cat" for label, _ in scored]
    taken = [score >= threshold for _, score in scored]
    expected = precision_score(right, taken, zero_division=0.0)
    assert (precision or 0.0) == pytest.approx(expected)


@given(SCORED)
def test_answers_and_recall_never_grow_with_the_threshold(scored: list[tuple[str, float]]) -> None:
    points = sweep([make_answer(label, score) for label, score in scored], ["cat"] * len(scored))

    assert [point.answered for point in points] == sorted((point.answered for point in points), reverse=True)
    assert [point.recall for point in points] == sorted((point.recall for point in points), reverse=True)


def test_a_version_that_named_no_label_is_not_counted_as_an_answer() -> None:
    assert by_threshold([make_answer(None), make_answer("cat")], ["cat", "cat"], 0.0) == (0.5, 1.0, 0.5)


def test_the_advice_is_the_lowest_threshold_that_is_surely_precise_enough() -> None:
    # 100 right answers at 0.8 and 20 wrong ones at 0.4: without these, Wilson's lower bound is 0.963.
    answers = [make_answer("cat", 0.8)] * 100 + [make_answer("dog", 0.4)] * 20

    advice = advise(sweep(answers, ["cat"] * 120), wanted=0.95)

    assert advice is not None
    assert (advice.threshold, advice.precision) == (0.41, 1.0)
    assert advice.answered == pytest.approx(100 / 120)


def test_there_is_no_advice_where_no_threshold_is_surely_precise_enough() -> None:
    answers = [make_answer("cat", 0.8)] * 10

    # 10 of 10: Wilson's lower bound is 0.72.
    assert advise(sweep(answers, ["cat"] * 10), wanted=0.95) is None


def test_no_answers_have_no_curve() -> None:
    assert sweep([], []) == []
