"""Confusion against scikit-learn, and the images behind a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from lib.stats.confusion import NO_LABEL, OTHER, Cell, Side, confuse, find_members
from tests.builders.pairs import make_answer, make_pair

LABEL = st.sampled_from(["cat", "dog", "owl"])
ROWS = st.lists(st.tuples(LABEL, LABEL, LABEL), min_size=1, max_size=60)


@given(ROWS.filter(lambda rows: len({label for row in rows for label in row}) > 1))
def test_both_grids_are_what_scikit_learn_gives(rows: list[tuple[str, str, str]]) -> None:
    found = confuse([make_pair(*row) for row in rows], threshold=0)

    baseline, candidate, truths = zip(*rows, strict=True)
    assert found is not None
    labels = list(found.labels)
    assert found.baseline.tolist() == confusion_matrix(truths, baseline, labels=labels).tolist()
    assert found.candidate.tolist() == confusion_matrix(truths, candidate, labels=labels).tolist()


def test_the_change_is_candidate_less_baseline() -> None:
    found = confuse([make_pair("dog", "cat", "cat")], threshold=0)

    assert found is not None
    assert found.labels == ("cat", "dog")
    assert found.change.tolist() == [[1, -1], [0, 0]]


def test_without_any_truth_there_is_no_confusion() -> None:
    assert confuse([make_pair(true_label=None)], threshold=0) is None
    assert confuse([], threshold=0) is None


def test_one_class_and_one_image_are_enough() -> None:
    found = confuse([make_pair()], threshold=0)

    assert found is not None
    assert (found.labels, found.baseline.tolist()) == (("cat",), [[1]])


def test_no_label_from_the_threshold_on_has_a_column_of_its_own() -> None:
    found = confuse([make_pair(make_answer("cat", 0.4), make_answer("cat", 0.9))], threshold=0.5)

    assert found is not None
    assert found.labels == ("cat", NO_LABEL)
    assert found.baseline.tolist() == [[0, 1], [0, 0]]


def test_of_many_labels_those_mixed_up_most_stay_and_the_rest_is_one() -> None:
    pairs = [make_pair(f"label {place:02}", f"label {place:02}", f"label {place:02}") for place in range(40)]
    mixed_up = [make_pair("label 38", "label 39", "label 38")]

    found = confuse(pairs + mixed_up, threshold=0)

    assert found is not None
    assert len(found.labels) == 25
    assert {"label 38", "label 39"} < set(found.labels)
    assert found.labels[-1] == OTHER
    assert found.baseline.sum() == 41


def test_labels_called_like_our_own_words_do_not_crash() -> None:
    found = confuse([make_pair(OTHER, NO_LABEL, NO_LABEL)], threshold=0)

    assert found is not None
    assert found.baseline.sum() == found.candidate.sum() == 1


@given(ROWS)
def test_a_cell_holds_as_many_images_as_it_counts(rows: list[tuple[str, str, str]]) -> None:
    pairs = [make_pair(*row) for row in rows]
    found = confuse(pairs, threshold=0)
    assert found is not None
    size = len(found.labels)

    counts = [
        [len(find_members(pairs, found, 0, Cell(truth, said, Side.CANDIDATE))) for said in range(size)]
        for truth in range(size)
    ]

    assert counts == found.candidate.tolist()


def test_a_cell_of_the_change_holds_the_images_that_came_or_went() -> None:
    came, stayed = make_pair("dog", "cat", "cat", name="came"), make_pair("cat", "cat", "cat", name="stayed")
    found = confuse([came, stayed], threshold=0)

    assert found is not None
    assert find_members([came, stayed], found, 0, Cell(truth=0, said=0, side=None)) == [came]


@pytest.mark.parametrize("side", list(Side))
def test_images_of_grouped_labels_are_found_behind_the_group(side: Side) -> None:
    pairs = [make_pair(f"label {place:02}", f"label {place:02}", f"label {place:02}") for place in range(40)]
    found = confuse(pairs, threshold=0)

    assert found is not None
    other = found.labels.index(OTHER)
    assert len(find_members(pairs, found, 0, Cell(other, other, side))) == 16
