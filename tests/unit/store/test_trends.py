"""Trends of a session's versions, against a calculation by hand."""

from dataclasses import replace

import pytest

from lib.domain.matrix import VersionTrend
from lib.domain.predictions import Failure, ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

V1, V2 = make_version("v1"), make_version("v2")
NAMED = {"v1": V1, "v2": V2}
Said = tuple[ModelVersion, Prediction | Failure, float]


def add_image(store: Store, session: Session, content: bytes, truth: str | None = None) -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    store.annotations.set_true_labels(session.id, [prepared.image.sha256], make_true_label(truth), "Ada", NOON)
    return prepared.image.sha256


def add_answers(store: Store, session: Session, sha256: str, *answers: Said) -> None:
    for version, outcome, latency_s in answers:
        record = make_record(sha256, session_id=session.id, version=version, outcome=outcome)
        store.predictions.add(replace(record, latency_s=latency_s))


def make_three_images(store: Store, session: Session) -> None:
    """Add a cat, a dog, and an unreviewed image on which v2 fails."""
    contents = {b"1": "cat", b"2": "dog", b"3": None}
    cat, dog, unknown = (add_image(store, session, content, truth) for content, truth in contents.items())
    sure, unsure = make_prediction(cat=0.875, dog=0.125), make_prediction(cat=0.5, dog=0.25)
    other = make_prediction(cat=0.25, dog=0.75)
    add_answers(store, session, cat, (V1, sure, 0.25), (V2, unsure, 0.125))
    add_answers(store, session, dog, (V1, unsure, 0.5), (V2, other, 0.375))
    add_answers(store, session, unknown, (V1, other, 2.0), (V2, Failure("It was busy."), 30.0))


@pytest.mark.parametrize(
    ("threshold", "right", "same"),
    [
        # v1 says cat, cat, dog and v2 cat, dog, -: v1 is right on the cat, v2 on both, and they agree on the cat.
        (0.0, (1, 2), 1),
        # A score that is just the threshold counts.
        (0.5, (1, 2), 1),
        # Now v1 says cat, nothing, dog and v2 nothing, dog, -.
        (0.6, (1, 1), 0),
        # Now v1 says cat, nothing, nothing and v2 nothing twice: nothing twice is the same, and never right.
        (0.8, (1, 0), 1),
        (1.0, (0, 0), 2),
    ],
)
def test_a_top_label_counts_from_the_score_threshold(
    store: Store, session: Session, threshold: float, right: tuple[int, int], same: int
) -> None:
    make_three_images(store, session)

    found = store.matrix.find_trends(session.id, NAMED, threshold)

    # v2 failed on the third image, which counts for neither. Scores 0.5, 0.875 and latencies 0.25, 0.5 of v1; 0.5, 0.75
    # and 0.125, 0.375 of v2.
    assert found == [
        VersionTrend("v1", 2, 2, right[0], None, None, median_score=0.6875, median_latency_s=0.375),
        VersionTrend("v2", 2, 2, right[1], same, 2, median_score=0.625, median_latency_s=0.25),
    ]


def test_the_first_version_is_the_baseline(store: Store, session: Session) -> None:
    make_three_images(store, session)

    second, first = store.matrix.find_trends(session.id, {"v2": V2, "v1": V1}, threshold=0)

    assert (second.version, second.compared, second.same_as_baseline) == ("v2", None, None)
    # v2 failed on the third image, which counts for neither.
    assert (first.version, first.images, first.compared, first.same_as_baseline) == ("v1", 2, 2, 1)


def test_a_version_outside_the_session_has_no_numbers(store: Store, session: Session) -> None:
    make_three_images(store, session)

    _, unasked = store.matrix.find_trends(session.id, {"v1": V1, "v9": make_version("v9")}, threshold=0)

    assert unasked == VersionTrend("v9", 0, 0, 0, 0, 0, None, None)


def test_only_the_first_of_several_unknown_versions_is_the_baseline(store: Store, session: Session) -> None:
    first, second = store.matrix.find_trends(
        session.id, {"v8": make_version("v8"), "v9": make_version("v9")}, threshold=0
    )

    assert first == VersionTrend("v8", 0, 0, 0, None, None, None, None)
    assert second == VersionTrend("v9", 0, 0, 0, 0, 0, None, None)


def test_a_version_that_only_failed_has_no_predictions(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1", "cat")
    add_answers(store, session, sha256, (V1, make_prediction(cat=0.75), 0.25), (V2, Failure("It was busy."), 30.0))

    _, failed = store.matrix.find_trends(session.id, NAMED, threshold=0)

    assert failed == VersionTrend("v2", 0, 0, 0, 0, 0, None, None)


def test_versions_without_labels_agree_and_are_not_correct(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1", "cat")
    add_answers(store, session, sha256, (V1, Prediction((), ()), 0.25), (V2, Prediction((), ()), 0.25))

    _, candidate = store.matrix.find_trends(session.id, NAMED, threshold=0)

    assert (candidate.labeled, candidate.right, candidate.same_as_baseline, candidate.median_score) == (1, 0, 1, 0.0)


def test_predictions_of_other_sessions_are_reused_and_true_labels_are_not(store: Store, session: Session) -> None:
    make_three_images(store, session)
    other = store.sessions.create("Other", NOON)
    add_image(store, other, b"1", "dog")
    store.predictions.add_versions(other.id, [V1, V2], NOON)

    baseline, candidate = store.matrix.find_trends(other.id, NAMED, threshold=0)

    # Both say cat, which is wrong here.
    assert (baseline.images, baseline.labeled, baseline.right, baseline.median_score) == (1, 1, 0, 0.875)
    assert (candidate.images, candidate.right, candidate.same_as_baseline) == (1, 0, 1)


def test_no_versions_have_no_trends(store: Store, session: Session) -> None:
    assert store.matrix.find_trends(session.id, {}, threshold=0) == []
