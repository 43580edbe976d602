"""Agreement and Cohen's kappa against scikit-learn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from lib.stats.agreement import compute_agreement

LABELS = st.lists(st.tuples(*[st.sampled_from(["cat", "dog", "owl", None])] * 2), min_size=1, max_size=60)


@given(LABELS.filter(lambda labels: len({label for row in labels for label in row}) > 1))
def test_kappa_is_what_scikit_learn_gives(labels: list[tuple[str | None, str | None]]) -> None:
    first, second = zip(*labels, strict=True)

    expected = cohen_kappa_score([str(label) for label in first], [str(label) for label in second])
    assert compute_agreement(first, second).kappa == pytest.approx(expected)


def test_kappa_of_a_published_table() -> None:
    # The example of the textbooks: 50 grants read by two, 20 times yes from both, 15 times no: 0.7 seen, 0.5 by chance.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15

    found = compute_agreement(first, second)

    assert (found.images, found.same) == (50, 35)
    assert found.kappa == pytest.approx(0.4)


def test_one_label_only_leaves_kappa_open() -> None:
    found = compute_agreement(["cat", "cat"], ["cat", "cat"])

    assert (found.share, found.kappa) == (1.0, None)


def test_no_label_is_a_label_of_its_own() -> None:
    assert compute_agreement([None, None], [None, "cat"]).same == 1


@given(LABELS)
def test_it_does_not_matter_which_version_comes_first(labels: list[tuple[str | None, str | None]]) -> None:
    first, second = zip(*labels, strict=True)

    assert compute_agreement(first, second) == compute_agreement(second, first)


def test_nothing_agrees_with_nothing() -> None:
    found = compute_agreement([], [])

    assert (found.images, found.share, found.kappa) == (0, 0.0, None)


def test_rows_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared with"):
        compute_agreement(["cat"], [])
