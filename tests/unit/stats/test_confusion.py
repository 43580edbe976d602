"""Confusion matrices and statistics per label, against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from lib.domain.predictions import Prediction
from lib.stats.confusion import (
    NO_LABEL,
    OTHER,
    Cell,
    Side,
    compute_confusion,
    find_cell_pairs,
)
from tests.builders.pairs import make_pair, make_prediction_summary

LABEL = st.sampled_from(["cat", "dog", "owl"])
ROWS = st.lists(st.tuples(LABEL, LABEL, LABEL), min_size=1, max_size=60)


@given(ROWS.filter(lambda rows: len({label for row in rows for label in row}) > 1))
def test_both_confusion_matrices_match_scikit_learn(rows: list[tuple[str, str, str]]) -> None:
    found = compute_confusion([make_pair(*row) for row in rows], threshold=0)

    baseline, candidate, true_labels = zip(*rows, strict=True)
    assert found is not None
    labels = list(found.labels)
    assert found.baseline.tolist() == confusion_matrix(true_labels, baseline, labels=labels).tolist()
    assert found.candidate.tolist() == confusion_matrix(true_labels, candidate, labels=labels).tolist()


def test_the_change_is_candidate_minus_baseline() -> None:
    found = compute_confusion([make_pair("dog", "cat", "cat")], threshold=0)

    assert found is not None
    assert found.labels == ("cat", "dog")
    assert found.change.tolist() == [[1, -1], [0, 0]]


def test_without_ground_truth_there_is_no_confusion() -> None:
    assert compute_confusion([make_pair(true_label=None)], threshold=0) is None
    assert compute_confusion([], threshold=0) is None


def test_one_class_and_one_image_are_enough() -> None:
    found = compute_confusion([make_pair()], threshold=0)

    assert found is not None
    assert (found.labels, found.baseline.tolist()) == (("cat",), [[1]])


def test_no_label_at_the_threshold_has_a_column_of_its_own() -> None:
    found = compute_confusion(
        [make_pair(make_prediction_summary("cat", 0.4), make_prediction_summary("cat", 0.9))], threshold=0.5
    )

    assert found is not None
    assert found.labels == ("cat", NO_LABEL)
    assert found.baseline.tolist() == [[0, 1], [0, 0]]


def test_of_many_labels_the_most_confused_stay_and_the_rest_is_one() -> None:
    pairs = [make_pair(f"label {place:02}", f"label {place:02}", f"label {place:02}") for place in range(40)]
    mixed_up = [make_pair("label 38", "label 39", "label 38")]

    found = compute_confusion(pairs + mixed_up, threshold=0)

    assert found is not None
    assert len(found.labels) == 25
    assert {"label 38", "label 39"} < set(found.labels)
    assert found.labels[-1] == OTHER
    assert found.baseline.sum() == 41


def test_labels_may_have_the_names_of_placeholders() -> None:
    found = compute_confusion([make_pair(OTHER, NO_LABEL, NO_LABEL)], threshold=0)

    assert found is not None
    assert found.baseline.sum() == found.candidate.sum() == 1


@given(ROWS)
def test_a_cell_lists_as_many_images_as_it_counts(rows: list[tuple[str, str, str]]) -> None:
    pairs = [make_pair(*row) for row in rows]
    found = compute_confusion(pairs, threshold=0)
    assert found is not None
    size = len(found.labels)

    counts = [
        [
            len(find_cell_pairs(pairs, found, 0, Cell(true_label, predicted_label, Side.CANDIDATE)))
            for predicted_label in range(size)
        ]
        for true_label in range(size)
    ]

    assert counts == found.candidate.tolist()


def test_a_cell_of_the_change_lists_the_added_and_removed_images() -> None:
    came, stayed = make_pair("dog", "cat", "cat", name="came"), make_pair("cat", "cat", "cat", name="stayed")
    found = compute_confusion([came, stayed], threshold=0)

    assert found is not None
    assert find_cell_pairs([came, stayed], found, 0, Cell(true_label=0, predicted_label=0, side=None)) == [came]


@pytest.mark.parametrize("side", list(Side))
def test_images_of_grouped_labels_are_found_behind_the_group(side: Side) -> None:
    pairs = [make_pair(f"label {place:02}", f"label {place:02}", f"label {place:02}") for place in range(40)]
    found = compute_confusion(pairs, threshold=0)

    assert found is not None
    other = found.labels.index(OTHER)
    assert len(find_cell_pairs(pairs, found, 0, Cell(other, other, side))) == 16


def make_predictions(*rows: tuple[float, float]) -> list[Prediction]:
    return [Prediction(("sky", "tree"), row) for row in rows]


def test_images_that_stand_for_others_count_as_many() -> None:
    right, wrong = make_pair("cat", "cat", "cat"), make_pair("cat", "dog", "cat")

    found = compute_confusion([right, wrong], 0, np.array([29.5, 2.0]))

    assert found is not None
    assert found.labels == ("cat", "dog")
    assert found.baseline.tolist() == [[31.5, 0.0], [0.0, 0.0]]
    assert found.change.tolist() == [[-2.0, 2.0], [0.0, 0.0]]
