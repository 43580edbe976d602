"""Comparisons, their words, and the warning of looking too often."""

import pytest

from lib.domain.predictions import Failure
from lib.stats.comparison import Verdict
from lib.store import Store
from lib.workflows.compare import (
    ComparisonSettings,
    VersionComparison,
    describe_caveats,
    describe_comparison,
    find_comparisons,
    record_interim_analysis,
)
from tests.builders.compared_session import VERSIONS, Row, make_compared_session
from tests.builders.values import NOON, make_version

FIX, BREAK, SAME = Row(first="dog"), Row(second="dog"), Row()


def contest_of(store: Store, rows: list[Row]) -> VersionComparison:
    session = make_compared_session(store, rows)
    (comparison,) = find_comparisons(store, VERSIONS, ComparisonSettings(session.id))
    return comparison


def test_a_comparison_covers_the_images_that_both_predicted(store: Store) -> None:
    comparison = contest_of(store, [FIX, SAME, Row(second=Failure("It was busy.")), Row(first=None)])

    assert (comparison.baseline, comparison.candidate) == ("v1", "v2")
    assert (len(comparison.pairs), comparison.missing_images) == (2, 2)
    assert describe_comparison(comparison).startswith("v2 fixes 1 image and breaks 0 of 2 with ground truth")


def test_one_version_has_no_comparison(store: Store) -> None:
    session = make_compared_session(store, [SAME])

    assert find_comparisons(store, {"v1": VERSIONS["v1"]}, ComparisonSettings(session.id)) == []


def test_several_candidates_have_a_comparison_each(store: Store) -> None:
    session = make_compared_session(store, [SAME, FIX])

    found = find_comparisons(store, {**VERSIONS, "v3": make_version("v3")}, ComparisonSettings(session.id))

    assert [(comparison.candidate, len(comparison.pairs)) for comparison in found] == [("v2", 2), ("v3", 0)]


def test_all_sessions_are_compared_with_each_image_once(store: Store) -> None:
    make_compared_session(store, [SAME, FIX], "First")
    make_compared_session(store, [BREAK], "Second")

    (comparison,) = find_comparisons(store, VERSIONS, ComparisonSettings(None))

    assert (len(comparison.pairs), comparison.missing_images) == (3, None)


def test_caveats_have_accuracy_agreement_and_missing_images(store: Store) -> None:
    sentences = list(describe_caveats(contest_of(store, [FIX, SAME, Row(first=None)])))

    assert sentences[0].startswith("v1 is correct on 1 of 2 (50.0%")
    assert sentences[1] == "The versions agree on 50% of 2 images, Cohen's kappa 0.00."
    assert sentences[-1] == "Left out: 1 image without predictions of both versions."


@pytest.mark.parametrize("fixes", [4, 20])
def test_the_first_analysis_is_no_reason_for_a_warning(store: Store, fixes: int) -> None:
    assert record_interim_analysis(store, contest_of(store, [FIX] * fixes), NOON) is None


def test_analyzing_until_it_is_significant_gives_a_warning(store: Store) -> None:
    session = make_compared_session(store, [FIX] * 20)
    later = [image.sha256 for image in store.images.find(session.id, limit=20)][4:]
    store.annotations.set_true_labels(session.id, later, None, "Ada", NOON)
    (early,) = find_comparisons(store, VERSIONS, ComparisonSettings(session.id))
    record_interim_analysis(store, early, NOON)
    store.annotations.set_true_labels(session.id, later, "cat", "Ada", NOON)

    (late,) = find_comparisons(store, VERSIONS, ComparisonSettings(session.id))
    warning = str(record_interim_analysis(store, late, NOON))

    assert (early.result.verdict, late.result.verdict) == (Verdict.NOT_ENOUGH_EVIDENCE, Verdict.BETTER)
    # Armitage, McPherson & Rowe (1969): two looks make 5 % a chance of 8.3 %.
    assert "This is interim analysis 2" in warning
    assert "in 8% of cases" in warning


def test_the_same_labels_again_are_no_new_analysis(store: Store) -> None:
    comparison = contest_of(store, [FIX] * 20)

    assert [record_interim_analysis(store, comparison, NOON) for _ in range(3)] == [None, None, None]
    assert len(store.pairs.find_interim_analyses(comparison.version_pair)) == 1


def test_without_ground_truth_no_analysis_is_recorded(store: Store) -> None:
    comparison = contest_of(store, [Row(true_label=None)])

    assert record_interim_analysis(store, comparison, NOON) is None
    assert store.pairs.find_interim_analyses(comparison.version_pair) == []
