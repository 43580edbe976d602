"""Comparisons and their sentences."""

import pytest

from lib.domain.pairs import VersionPair
from lib.domain.predictions import Failure, ModelVersion, Prediction, Record
from lib.stats.comparison import compare
from lib.store import Store
from lib.workflows.compare import ComparisonSettings, VersionComparison, find_comparisons
from lib.workflows.comparison_texts import describe_blocking_regressions, describe_caveats, describe_comparison
from tests.builders.compared_session import VERSIONS, Row, fill_session, make_compared_session
from tests.builders.pairs import make_pair
from tests.builders.values import NOON, make_version

FIX, BREAK, SAME = Row(first="dog"), Row(second="dog"), Row()


def comparison_of(store: Store, rows: list[Row]) -> VersionComparison:
    session = make_compared_session(store, rows)
    (comparison,) = find_comparisons(store, VERSIONS, ComparisonSettings(session.id))
    return comparison


def test_a_comparison_covers_the_images_that_both_predicted(store: Store) -> None:
    comparison = comparison_of(store, [FIX, SAME, Row(second=Failure("It was busy.")), Row(first=None)])

    assert (comparison.baseline, comparison.candidate) == ("v1", "v2")
    assert (len(comparison.pairs), comparison.missing_images) == (2, 2)
    assert describe_comparison(comparison).endswith(
        "On these 2 images themselves, v2 gets 1 more right (1 fix, 0 regressions)."
    )


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
    sentences = list(describe_caveats(comparison_of(store, [FIX, SAME, Row(first=None)])))

    assert sentences[0] == "1 of 1 disagreement labeled."
    assert sentences[2].startswith("v1 is right on 50.0% of images like these")
    assert sentences[3].startswith("v2 is right on 100.0% of images like these")
    assert sentences[4] == "The versions agree on 50% of 2 images, Cohen's kappa 0.00."
    assert sentences[-1] == "Left out: 1 image without predictions of both versions."


def test_regressions_in_the_must_not_regress_set_are_named_up_to_five() -> None:
    broken = [make_pair("cat", "dog", name=str(number), must_not_regress=True) for number in range(7)]
    comparison = VersionComparison("v1", "v2", VersionPair(None, *VERSIONS.values()), broken, compare(broken), None)

    assert describe_blocking_regressions(comparison) == (
        "v2 gets 7 must-not-regress images wrong that v1 gets right: 0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 2 more."
    )


def test_without_a_regression_in_the_set_there_is_no_warning(store: Store) -> None:
    comparison = comparison_of(store, [BREAK, Row(must_not_regress=True)])

    assert describe_blocking_regressions(comparison) is None
    assert [sentence for sentence in describe_caveats(comparison) if "must-not-regress" in sentence] == []


def test_images_of_the_set_that_may_still_regress_are_counted(store: Store) -> None:
    unlabeled = Row(second="dog", true_label=None, must_not_regress=True)
    missing = Row(second=Failure("It was busy."), must_not_regress=True)

    sentences = list(describe_caveats(comparison_of(store, [unlabeled, missing, SAME])))

    assert (
        "Not checked yet: 2 must-not-regress images without a label or without predictions of both versions."
        in sentences
    )


def add_version(store: Store, session_id: str, version: ModelVersion) -> None:
    for image in store.images.find(session_id):
        store.predictions.add(
            Record(image.sha256, version, session_id, NOON, 0.1, Prediction(("cat", "dog"), (0.9, 0.1)))
        )


def test_a_version_that_is_added_after_labeling_began_is_exploratory(store: Store) -> None:
    session = make_compared_session(store, [FIX, SAME])
    late = make_version("v3")
    add_version(store, session.id, late)

    declared, exploratory = find_comparisons(store, {**VERSIONS, "v3": late}, ComparisonSettings(session.id))

    assert not declared.is_exploratory
    assert "v3 was added after labeling began: its verdict is exploratory." in describe_caveats(exploratory)


def test_selecting_one_of_several_candidates_keeps_the_correction(store: Store) -> None:
    session = store.sessions.create("Birds", NOON)
    store.predictions.add_versions(session.id, [*VERSIONS.values(), make_version("v3")], NOON)
    fill_session(store, session, [FIX] * 12)

    (alone,) = find_comparisons(store, VERSIONS, ComparisonSettings(session.id))

    # Twelve fixes: an e-value of 2^12 / 13 = 315.08, and Holm's correction for two candidates.
    assert alone.result.early_p == pytest.approx(2 * 13 / 2**12)


def test_settings_that_differ_from_the_review_are_listed(store: Store) -> None:
    session = make_compared_session(store, [FIX, SAME])

    (comparison,) = find_comparisons(store, VERSIONS, ComparisonSettings(session.id, threshold=0.5))

    assert (
        "A score threshold of 0.50 was chosen after the review was set up with 0.00. The verdict is not corrected for"
        " this choice."
    ) in describe_caveats(comparison)
