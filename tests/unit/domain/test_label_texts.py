"""Labels that differ only in case, spaces, underscores or hyphens."""

from lib.domain.annotations import TrueLabel
from lib.domain.label_texts import find_similar_labels, list_labels, merge_groups, merge_labels
from lib.stats.comparison import Verdict, compare
from tests.builders.pairs import make_pair
from tests.unit.domain.test_label import COMPOSED, DECOMPOSED


def test_labels_that_differ_by_case_blanks_underscores_or_hyphens_are_found() -> None:
    labels = ["Dog", "dog", "cat ", "cat", "golden_retriever", "golden-retriever", "owl", COMPOSED, DECOMPOSED]

    assert set(find_similar_labels(labels)) == {
        ("Dog", "dog"),
        ("cat", "cat "),
        ("golden-retriever", "golden_retriever"),
        tuple(sorted((COMPOSED, DECOMPOSED))),
    }


def test_different_labels_are_not_similar() -> None:
    assert find_similar_labels(["cat", "cats", "dog"]) == []


def test_a_different_spelling_treated_as_the_same_is_not_a_regression() -> None:
    # Forty images that both versions get right, in other letters.
    pairs = [make_pair("Dog", "dog", "Dog", name=str(place), place=place) for place in range(40)]

    merged = merge_labels(pairs, [("Dog", "dog")])

    assert list_labels(pairs) == {"Dog", "dog"}
    assert compare(pairs).verdict is Verdict.WORSE
    assert (compare(merged).disagreements, compare(merged).verdict) == (0, Verdict.NO_DIFFERENCE)


def test_acceptable_labels_that_become_equal_are_merged() -> None:
    (merged,) = merge_labels([make_pair("Dog", "dog", ("Dog", "dog"))], [("Dog", "dog")])

    assert merged.true_label == TrueLabel.one("Dog")


def test_without_similar_labels_nothing_changes() -> None:
    pairs = [make_pair()]

    assert merge_labels(pairs, []) == pairs


def test_groups_with_a_label_in_common_are_one_group() -> None:
    groups = [("Dog", "dog"), ("cat", "Cat"), ("DOG", "Dog"), ("dog", "d-og")]

    assert merge_groups(groups) == (("Cat", "cat"), ("DOG", "Dog", "d-og", "dog"))
    assert merge_groups([]) == ()
