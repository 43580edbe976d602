"""How annotations become true labels."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.annotations import (
    Annotation,
    AnnotationStatus,
    FinalWord,
    GroundTruthRule,
    find_final_word,
    find_labels_by_reviewer,
    find_latest,
)
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON


def say(reviewer: str, label: str | None, *, resolves: bool = False, sha256: str = "1", at: int = 0) -> Annotation:
    status = AnnotationStatus.UNSURE if label is None else AnnotationStatus.LABELED
    return Annotation(sha256, reviewer, status, make_true_label(label), NOON + timedelta(seconds=at), resolves=resolves)


def take_back(reviewer: str, *, resolves: bool = False) -> Annotation:
    return Annotation("1", reviewer, AnnotationStatus.WITHDRAWN, None, NOON, resolves=resolves)


def label_by(annotations: list[Annotation], rule: GroundTruthRule) -> str | None:
    """The true label as text; None for no final word, and for one that stays unsure."""
    word = find_final_word(annotations, rule)
    return None if word is None or word.label is None else str(word.label)


ADA_CAT, GRACE_CAT, GRACE_DOG, MARY_CAT = (
    say("Ada", "cat"),
    say("Grace", "cat"),
    say("Grace", "dog"),
    say("Mary", "cat"),
)


@pytest.mark.parametrize(
    ("verdicts", "single", "majority", "settled"),
    [
        ([], None, None, None),
        ([ADA_CAT], "cat", "cat", None),
        ([ADA_CAT, GRACE_CAT], "cat", "cat", None),
        ([ADA_CAT, GRACE_DOG], None, None, None),
        ([ADA_CAT, GRACE_DOG, MARY_CAT], None, "cat", None),
        # Two of three are not sure: no more than half say cat.
        ([ADA_CAT, say("Grace", None), say("Mary", None)], "cat", None, None),
        ([ADA_CAT, GRACE_DOG, say("Judge", "owl", resolves=True)], "owl", "owl", "owl"),
        # What was settled and taken back leaves the reviewers' word.
        ([ADA_CAT, say("Judge", "owl", resolves=True), take_back("Judge", resolves=True)], "cat", "cat", None),
        # A change of mind: the latest word counts.
        ([ADA_CAT, say("Ada", "dog")], "dog", "dog", None),
        ([ADA_CAT, take_back("Ada")], None, None, None),
        ([GRACE_DOG, ADA_CAT, take_back("Grace")], "cat", "cat", None),
    ],
)
def test_the_true_label_follows_from_the_annotations_by_the_rule(
    verdicts: list[Annotation], single: str | None, majority: str | None, settled: str | None
) -> None:
    assert label_by(verdicts, GroundTruthRule.SINGLE) == single
    assert label_by(verdicts, GroundTruthRule.MAJORITY) == majority
    assert label_by(verdicts, GroundTruthRule.RESOLVED) == settled


@given(st.permutations([ADA_CAT, GRACE_DOG, MARY_CAT]), st.sampled_from(GroundTruthRule))
def test_the_order_of_annotations_does_not_matter(verdicts: list[Annotation], rule: GroundTruthRule) -> None:
    assert find_final_word(verdicts, rule) == find_final_word([ADA_CAT, GRACE_DOG, MARY_CAT], rule)


def test_the_latest_annotations_are_found_by_reviewer_and_image() -> None:
    other = say("Ada", "owl", sha256="2")

    assert find_labels_by_reviewer([ADA_CAT, GRACE_DOG, other, say("Mary", None)]) == {
        "Ada": {"1": make_true_label("cat"), "2": make_true_label("owl")},
        "Grace": {"1": make_true_label("dog")},
    }
    assert set(find_latest([ADA_CAT, take_back("Ada"), GRACE_DOG])) == {("1", "Grace")}


UNSURE = FinalWord(None)


@pytest.mark.parametrize(
    ("annotations", "single", "majority", "resolved"),
    [
        ([say("Ada", None)], UNSURE, UNSURE, None),
        ([say("Ada", None), say("Grace", None), MARY_CAT], FinalWord(make_true_label("cat")), UNSURE, None),
        ([ADA_CAT, GRACE_DOG], None, None, None),
        ([ADA_CAT, GRACE_DOG, say("Judge", None, resolves=True)], UNSURE, UNSURE, UNSURE),
        ([], None, None, None),
    ],
)
def test_unsure_is_a_final_word_and_a_conflict_is_not(
    annotations: list[Annotation],
    single: FinalWord | None,
    majority: FinalWord | None,
    resolved: FinalWord | None,
) -> None:
    assert find_final_word(annotations, GroundTruthRule.SINGLE) == single
    assert find_final_word(annotations, GroundTruthRule.MAJORITY) == majority
    assert find_final_word(annotations, GroundTruthRule.RESOLVED) == resolved
