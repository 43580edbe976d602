"""Agreement of versions and of reviewers, against scikit-learn and the krippendorff package."""

from collections.abc import Sequence

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from lib.domain.annotations import TrueLabel
from lib.stats.agreement import compute_agreement, compute_reviewer_agreement, find_label_conflicts

LABELS = st.lists(st.tuples(*[st.sampled_from(["cat", "dog", "owl", None])] * 2), min_size=1, max_size=60)


@given(LABELS.filter(lambda labels: len({label for row in labels for label in row}) > 1))
def test_kappa_matches_scikit_learn(labels: list[tuple[str | None, str | None]]) -> None:
    first, second = zip(*labels, strict=True)

    expected = cohen_kappa_score([str(label) for label in first], [str(label) for label in second])
    assert compute_agreement(first, second).kappa == pytest.approx(expected)


def test_kappa_matches_a_published_table() -> None:
    # The example of the textbooks: 50 grants read by two, 20 times yes from both, 15 times no: 0.7 seen, 0.5 by chance.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15

    found = compute_agreement(first, second)

    assert (found.images, found.same) == (50, 35)
    assert found.kappa == pytest.approx(0.4)


def test_kappa_is_undefined_for_a_single_label() -> None:
    found = compute_agreement(["cat", "cat"], ["cat", "cat"])

    assert (found.share, found.kappa) == (1.0, None)


def test_predictions_without_a_label_count_as_one_category() -> None:
    assert compute_agreement([None, None], [None, "cat"]).same == 1


@given(LABELS)
def test_kappa_is_symmetric(labels: list[tuple[str | None, str | None]]) -> None:
    first, second = zip(*labels, strict=True)

    assert compute_agreement(first, second) == compute_agreement(second, first)


def test_agreement_is_undefined_without_images() -> None:
    found = compute_agreement([], [])

    assert (found.images, found.share, found.kappa) == (0, 0.0, None)


def test_rows_of_different_length_are_rejected() -> None:
    with pytest.raises(ValueError, match="cannot be compared with"):
        compute_agreement(["cat"], [])


CAT = TrueLabel.one("cat")
LABEL = st.sampled_from(["cat", "dog", "owl"])
TWO = st.lists(st.tuples(LABEL, LABEL), min_size=2, max_size=40)
THREE = st.lists(st.tuples(*[st.one_of(st.none(), LABEL)] * 3), min_size=2, max_size=40)


def words_of(rows: Sequence[tuple[str | None, ...]]) -> dict[str, dict[str, TrueLabel]]:
    """By reviewer and image the label given; None: that reviewer did not see it."""
    reviewers = range(len(rows[0]))
    return {
        f"reviewer {who}": {
            f"{image}": TrueLabel.one(label) for image, row in enumerate(rows) if (label := row[who]) is not None
        }
        for who in reviewers
    }


@given(TWO.filter(lambda rows: len({label for row in rows for label in row}) > 1))
def test_agreement_of_two_reviewers_is_the_kappa_of_scikit_learn(rows: list[tuple[str, str]]) -> None:
    found = compute_reviewer_agreement(words_of(list(rows)))

    first, second = zip(*rows, strict=True)
    assert found is not None
    assert (found.measure, found.images) == ("Cohen's kappa", len(rows))
    assert found.value == pytest.approx(cohen_kappa_score(first, second))


@given(THREE.filter(lambda rows: len({row[0] for row in rows if row[0] and row[1]}) > 1))
def test_agreement_of_three_reviewers_is_the_alpha_of_the_krippendorff_package(
    rows: list[tuple[str | None, ...]],
) -> None:
    found = compute_reviewer_agreement(words_of(rows))

    codes = {"cat": 0.0, "dog": 1.0, "owl": 2.0, None: np.nan}
    table = np.array([[codes[label] for label in who] for who in zip(*rows, strict=True)])
    assert found is not None
    assert found.measure == "Krippendorff's alpha"
    assert found.value == pytest.approx(krippendorff.alpha(table, level_of_measurement="nominal"))


def test_the_interval_contains_the_value_and_narrows_with_more_images() -> None:
    rows = [("cat", "cat"), ("dog", "dog"), ("cat", "dog"), ("dog", "dog"), ("cat", "cat")]

    few, many = compute_reviewer_agreement(words_of(rows * 4)), compute_reviewer_agreement(words_of(rows * 40))

    assert few is not None
    assert many is not None
    assert few.interval is not None
    assert many.interval is not None
    assert few.interval.contains(few.value or 0)
    assert many.interval.high - many.interval.low < few.interval.high - few.interval.low


def test_few_images_have_no_interval() -> None:
    # The bootstrap gives 1.00 to 1.00 for two images, and covers 73% at ten.
    rows = [("cat", "cat"), ("dog", "dog")]

    few, enough = compute_reviewer_agreement(words_of(rows * 9)), compute_reviewer_agreement(words_of(rows * 10))

    assert few is not None
    assert enough is not None
    assert (few.value, few.interval) == (1.0, None)
    # Clopper and Pearson: 0.025^(1/20) = 0.8316 at least agree, where chance lets half agree: 1 - 0.1684 / 0.5.
    assert enough.interval is not None
    assert (enough.interval.low, enough.interval.high) == pytest.approx((0.6632, 1.0), abs=1e-4)


def test_reviewer_agreement_is_undefined_for_a_single_label() -> None:
    found = compute_reviewer_agreement(words_of([("cat", "cat"), ("cat", "cat")]))

    assert found is not None
    assert (found.value, found.interval) == (None, None)


@pytest.mark.parametrize("labels_by_reviewer", [{}, {"Ada": {"1": CAT}}, {"Ada": {"1": CAT}, "Grace": {"2": CAT}}])
def test_without_a_shared_image_there_is_no_agreement(labels_by_reviewer: dict[str, dict[str, TrueLabel]]) -> None:
    assert compute_reviewer_agreement(labels_by_reviewer) is None


def test_images_with_different_labels_are_listed() -> None:
    labels_by_reviewer = words_of([("cat", "cat"), ("cat", "dog"), ("owl", None), ("dog", "owl")])

    assert find_label_conflicts(labels_by_reviewer) == ["1", "3"]
