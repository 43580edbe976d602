"""Predictions for perturbed images are stored and never counted."""

from dataclasses import replace

from lib.domain.predictions import Failure, ProbeResult
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version


def make_result(session: Session, sha256: str, perturbation: str = "blurred", score: float = 0.75) -> ProbeResult:
    outcome = make_prediction(cat=score, dog=1 - score)
    return ProbeResult(session.id, sha256, make_version(), perturbation, NOON, 0.25, outcome)


def add_image(store: Store, session: Session, name: str = "cat.jpg") -> str:
    prepared = make_prepared_image(name.encode(), name)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def test_a_probe_result_round_trips(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    result, failed = (
        make_result(session, sha256),
        replace(make_result(session, sha256, "cropped 90"), outcome=Failure("Busy.")),
    )

    store.probes.add(result)
    store.probes.add(failed)

    assert store.probes.find(session.id, [sha256], [make_version()]) == [result, failed]


def test_a_later_result_replaces_an_earlier_one(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.probes.add(replace(make_result(session, sha256), outcome=Failure("Busy.")))

    store.probes.add(make_result(session, sha256, score=0.5))

    assert store.probes.find(session.id, [sha256], [make_version()]) == [make_result(session, sha256, score=0.5)]


def test_probe_results_belong_to_their_session_image_and_version(store: Store, session: Session) -> None:
    sha256, other = add_image(store, session), add_image(store, session, "dog.jpg")
    elsewhere = store.sessions.create("Elsewhere", NOON)
    store.probes.add(make_result(session, sha256))

    assert store.probes.find(elsewhere.id, [sha256], [make_version()]) == []
    assert store.probes.find(session.id, [other], [make_version()]) == []
    assert store.probes.find(session.id, [sha256], [make_version("v2")]) == []


def test_probe_results_are_not_predictions_of_the_session(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    before = store.sessions.find()

    store.probes.add(make_result(session, sha256))

    assert store.predictions.find([sha256], [make_version()]) == []
    assert store.predictions.find_coverage(session.id) == {}
    assert store.sessions.find() == before


def test_probe_results_are_deleted_with_their_session(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.probes.add(make_result(session, sha256))

    store.sessions.delete(session.id)

    assert store.probes.find(session.id, [sha256], [make_version()]) == []


def test_images_predicted_by_all_versions_are_in_the_order_added(store: Store, session: Session) -> None:
    first, second, third = (add_image(store, session, name) for name in ("1.jpg", "2.jpg", "3.jpg"))
    for sha256 in (third, first, second):
        store.predictions.add(make_record(sha256, session_id=session.id))
    for sha256 in (third, first):
        store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("v2")))
    failed = make_record(second, session_id=session.id, version=make_version("v2"), outcome=Failure("Busy."))
    store.predictions.add(failed)

    found = store.probes.find_images_predicted_by_all(session.id, [make_version(), make_version("v2")])

    assert [image.sha256 for image in found] == [first, third]
