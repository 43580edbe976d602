"""Pairs of predictions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import PredictionSummary, VersionPair
from lib.domain.predictions import Failure, Prediction
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.pairs import make_appearance, make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

V1, V2 = make_version("v1"), make_version("v2")


def add_image(store: Store, session: Session, content: bytes, name: str = "cat.jpg") -> str:
    prepared = make_prepared_image(content, name)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def add_answers(
    store: Store, session: Session, sha256: str, first: Prediction | Failure, second: Prediction | Failure
) -> None:
    store.predictions.add(make_record(sha256, session_id=session.id, version=V1, outcome=first))
    store.predictions.add(make_record(sha256, session_id=session.id, version=V2, outcome=second))


def test_a_pair_summarizes_both_predictions(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    add_answers(store, session, sha256, make_prediction(cat=0.75, dog=0.25), make_prediction(cat=0.5, dog=0.5))
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)

    (pair,) = store.pairs.find(VersionPair(session.id, V1, V2))

    # Squares: 0.75² + 0.25² and 2 x 0.5². Of equal scores the first label in the alphabet is the top one.
    assert pair.baseline == PredictionSummary("cat", 0.75, 0.125, true_label_score=0.25, squares=0.625, total=1.0)
    assert pair.candidate == PredictionSummary("cat", 0.5, 0.125, true_label_score=0.5, squares=0.5, total=1.0)
    assert (pair.sha256, pair.session_id, pair.name, pair.true_label) == (
        sha256,
        session.id,
        "cat.jpg",
        make_true_label("dog"),
    )


def test_only_images_predicted_by_both_versions_are_pairs(store: Store, session: Session) -> None:
    both, failed, once = (add_image(store, session, content) for content in (b"1", b"2", b"3"))
    add_answers(store, session, both, make_prediction(), make_prediction())
    add_answers(store, session, failed, make_prediction(), Failure("It was busy."))
    store.predictions.add(make_record(once, session_id=session.id, version=V1))

    assert [pair.sha256 for pair in store.pairs.find(VersionPair(session.id, V1, V2))] == [both]


def test_a_prediction_without_labels_forms_a_pair(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    add_answers(store, session, sha256, Prediction((), ()), make_prediction())

    (pair,) = store.pairs.find(VersionPair(session.id, V1, V2))

    assert (pair.baseline.label, pair.baseline.score) == (None, 0.0)


@pytest.mark.parametrize(("truth", "score"), [("cat", 0.5), ("unknown to it", 0.0), (None, None)])
def test_the_score_of_the_true_label_is_its_highest_score(
    store: Store, session: Session, truth: str | None, score: float | None
) -> None:
    sha256 = add_image(store, session, b"1")
    twice = Prediction(("cat", "dog", "cat"), (0.25, 0.25, 0.5))
    add_answers(store, session, sha256, twice, twice)
    store.annotations.set_true_labels(session.id, [sha256], make_true_label(truth), "Ada", NOON)

    (pair,) = store.pairs.find(VersionPair(session.id, V1, V2))

    assert pair.baseline.true_label_score == score


def test_conflicting_true_labels_of_sessions_are_unknown_over_all_sessions(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1", "first.jpg")
    add_image(store, other, b"1", "second.jpg")
    add_answers(store, session, sha256, make_prediction(), make_prediction())
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON + timedelta(hours=1))
    store.annotations.set_true_labels(other.id, [sha256], make_true_label("cat"), "Ada", NOON)

    (pair,) = store.pairs.find(VersionPair(None, V1, V2))

    # "cat" in one session and "dog" in the other: one word in a later session beats no label that was settled.
    assert (pair.true_label, pair.is_final) == (None, False)
    assert (pair.session_id, pair.name) == (session.id, "first.jpg")


def test_over_all_sessions_the_true_label_of_one_session_counts(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1", "first.jpg")
    add_image(store, other, b"1", "second.jpg")
    add_answers(store, session, sha256, make_prediction(), make_prediction())
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)

    (pair,) = store.pairs.find(VersionPair(None, V1, V2))

    assert (pair.true_label, pair.is_final, pair.session_id) == (make_true_label("dog"), True, session.id)


def test_over_all_sessions_an_unlabeled_image_links_to_its_latest_session(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1", "first.jpg")
    add_image(store, other, b"1", "second.jpg")
    add_answers(store, session, sha256, make_prediction(), make_prediction())

    (pair,) = store.pairs.find(VersionPair(None, V1, V2))

    assert (pair.session_id, pair.name) == (other.id, "second.jpg")


def test_a_pair_has_the_stored_perceptual_hash_of_its_image(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    add_answers(store, session, sha256, make_prediction(), make_prediction())
    without = store.images.find_without_appearance([sha256])

    store.images.add_appearances({sha256: make_appearance(2**64 - 1)})

    assert (without, store.images.find_without_appearance([sha256])) == ([sha256], [])
    assert [pair.appearance for pair in store.pairs.find(VersionPair(session.id, V1, V2))] == [
        make_appearance(2**64 - 1)
    ]


def test_trends_have_the_numbers_of_each_version(store: Store, session: Session) -> None:
    first, second, third = (add_image(store, session, content) for content in (b"1", b"2", b"3"))
    cat, dog = make_prediction(cat=0.75, dog=0.25), make_prediction(cat=0.25, dog=0.5)
    add_answers(store, session, first, cat, cat)
    add_answers(store, session, second, cat, dog)
    add_answers(store, session, third, cat, Failure("It was busy."))
    store.annotations.set_true_labels(session.id, [first, second], make_true_label("cat"), "Ada", NOON)

    baseline, candidate, unasked = store.matrix.find_trends(
        session.id, {"v1": V1, "v2": V2, "v3": make_version("v3")}, threshold=0
    )

    assert (baseline.images, baseline.labeled, baseline.right, baseline.median_score) == (2, 2, 2, 0.75)
    assert (baseline.compared, baseline.same_as_baseline) == (None, None)
    # Two answers with top scores of 0.75 and 0.5; one of two is right, one of two the same.
    assert (candidate.images, candidate.labeled, candidate.right, candidate.median_score) == (2, 2, 1, 0.625)
    assert (candidate.compared, candidate.same_as_baseline, candidate.median_latency_s) == (2, 1, 0.125)
    assert (unasked.images, unasked.median_score, unasked.median_latency_s) == (0, None, None)


def test_a_threshold_turns_labels_into_no_label_in_trends_too(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    add_answers(store, session, sha256, make_prediction(cat=0.75), make_prediction(cat=0.5))
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("cat"), "Ada", NOON)

    baseline, candidate = store.matrix.find_trends(session.id, {"v1": V1, "v2": V2}, threshold=0.6)

    assert (baseline.right, candidate.right, candidate.same_as_baseline) == (1, 0, 0)


@pytest.mark.parametrize("hours", [-1, 1])
def test_over_all_sessions_a_cleared_true_label_hides_no_other(store: Store, session: Session, hours: int) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1", "first.jpg")
    add_image(store, other, b"1", "second.jpg")
    add_answers(store, session, sha256, make_prediction(), make_prediction())
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)

    store.annotations.set_true_labels(other.id, [sha256], make_true_label("cat"), "Ada", NOON + timedelta(hours=hours))
    store.annotations.set_true_labels(other.id, [sha256], None, "Ada", NOON + timedelta(hours=hours))

    (pair,) = store.pairs.find(VersionPair(None, V1, V2))
    assert (pair.true_label, pair.session_id, pair.name) == (make_true_label("dog"), session.id, "first.jpg")


def test_over_all_sessions_an_image_with_only_cleared_labels_links_to_its_latest_session(
    store: Store, session: Session
) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1", "first.jpg")
    add_image(store, other, b"1", "second.jpg")
    add_answers(store, session, sha256, make_prediction(), make_prediction())
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)

    store.annotations.set_true_labels(session.id, [sha256], None, "Ada", NOON + timedelta(hours=1))

    (pair,) = store.pairs.find(VersionPair(None, V1, V2))
    assert (pair.true_label, pair.session_id, pair.name) == (None, other.id, "second.jpg")


def test_pairs_of_a_session_are_in_the_order_added(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    last, first = add_image(store, session, b"z"), add_image(store, session, b"a")
    elsewhere = add_image(store, other, b"m")
    add_answers(store, session, first, make_prediction(), make_prediction())
    add_answers(store, session, last, make_prediction(), make_prediction())
    add_answers(store, other, elsewhere, make_prediction(), make_prediction())

    assert [pair.sha256 for pair in store.pairs.find(VersionPair(session.id, V1, V2))] == [last, first]
    assert {pair.sha256 for pair in store.pairs.find(VersionPair(None, V1, V2))} == {first, last, elsewhere}


def test_in_a_session_only_its_own_true_label_counts(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1")
    add_image(store, other, b"1")
    add_answers(store, session, sha256, make_prediction(), make_prediction())
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)
    store.annotations.set_true_labels(other.id, [sha256], make_true_label("cat"), "Ada", NOON + timedelta(hours=1))

    (pair,) = store.pairs.find(VersionPair(session.id, V1, V2))

    assert (pair.true_label, pair.baseline.true_label_score) == (make_true_label("dog"), 0.25)


def test_each_version_looks_up_the_true_label_among_its_labels(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    add_answers(store, session, sha256, make_prediction(ant=0.25, dog=0.5), make_prediction(bee=0.25, cat=0.5))
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)

    (pair,) = store.pairs.find(VersionPair(session.id, V1, V2))

    assert (pair.baseline.true_label_score, pair.candidate.true_label_score) == (0.5, 0.0)


def test_labels_from_elsewhere_are_final_words_with_their_scores(store: Store, session: Session) -> None:
    sha256s = [add_image(store, session, content) for content in (b"1", b"2")]
    for sha256 in sha256s:
        add_answers(store, session, sha256, make_prediction(cat=0.75), make_prediction(cat=0.25))
    store.annotations.set_true_labels(session.id, sha256s[:1], make_true_label("dog"), "Ada", NOON)

    own, other = store.pairs.find(
        VersionPair(session.id, V1, V2), elsewhere=dict.fromkeys(sha256s, TrueLabel.one("cat"))
    )

    assert (own.true_label, own.is_from_elsewhere) == (TrueLabel.one("dog"), False)
    assert (other.true_label, other.is_final, other.is_from_elsewhere) == (TrueLabel.one("cat"), True, True)
    assert (other.baseline.true_label_score, other.candidate.true_label_score) == (0.75, 0.25)


def test_the_capture_time_of_an_image_is_kept(store: Store, session: Session) -> None:
    store.images.add(session.id, replace(make_prepared_image(b"1"), captured_at=NOON), NOON)
    store.images.add(session.id, make_prepared_image(b"2"), NOON)
    for image in store.images.find(session.id):
        add_answers(store, session, image.sha256, make_prediction(), make_prediction())

    assert [pair.captured_at for pair in store.pairs.find(VersionPair(session.id, V1, V2))] == [NOON, None]


def test_a_true_label_has_the_score_of_each_label_that_is_the_same(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    add_answers(store, session, sha256, make_prediction(dog=0.5), make_prediction(Dog=0.75, cat=0.25))
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Ada", NOON)

    (pair,) = store.pairs.find(VersionPair(session.id, V1, V2), same_labels=[("Dog", "dog")])

    assert (pair.baseline.true_label_score, pair.candidate.true_label_score) == (0.5, 0.75)


def test_scores_that_are_not_a_distribution_keep_their_total(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    add_answers(store, session, sha256, make_prediction(cat=0.75, dog=0.75), make_prediction(cat=0.25))

    (pair,) = store.pairs.find(VersionPair(session.id, V1, V2))

    # 2 x 0.75 and 2 x 0.75²; 0.25 and 0.25².
    assert (pair.baseline.total, pair.baseline.squares) == (1.5, 1.125)
    assert (pair.candidate.total, pair.candidate.squares) == (0.25, 0.0625)


@pytest.mark.parametrize("session_id", ["nobody", None])
def test_versions_without_predictions_form_no_pairs(store: Store, session_id: str | None) -> None:
    assert store.pairs.find(VersionPair(session_id, V1, V2)) == []
