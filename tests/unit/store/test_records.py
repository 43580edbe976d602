"""Records: predictions and failures of versions."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.predictions import Failure, ModelVersion, Prediction, Record
from lib.domain.sessions import Session
from lib.store import Store
from lib.store.packing import pack, unpack
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version
from tests.unit.conftest import OpenStore

scores = st.dictionaries(st.text(max_size=20), st.floats(0, 1, width=32), max_size=30)


def add_image(store: Store, session: Session, content: bytes = b"pixels") -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def stored(store: Store, sha256: str, version: ModelVersion | None = None) -> Record:
    (record,) = store.predictions.find([sha256], [version or make_version()])
    return record


def test_a_prediction_with_all_its_scores_survives_a_restart(open_store: OpenStore) -> None:
    store = open_store()
    session = store.sessions.create("Birds", NOON)
    record = make_record(add_image(store, session), session_id=session.id, outcome=make_prediction(cat=0.5, dog=0.25))

    store.predictions.add(record)

    assert stored(open_store(), record.sha256) == record


def test_a_failure_keeps_its_message(store: Store, session: Session) -> None:
    record = make_record(add_image(store, session), session_id=session.id, outcome=Failure("It was busy."))

    store.predictions.add(record)

    assert stored(store, record.sha256) == record


def test_a_prediction_without_labels_is_stored(store: Store, session: Session) -> None:
    record = make_record(add_image(store, session), session_id=session.id, outcome=Prediction((), ()))

    store.predictions.add(record)

    assert stored(store, record.sha256).outcome == Prediction((), ())


def test_a_prediction_replaces_a_failure(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id, outcome=Failure("It was busy.")))

    store.predictions.add(make_record(sha256, session_id=session.id, outcome=make_prediction(cat=1.0)))

    assert stored(store, sha256).outcome == make_prediction(cat=1.0)


def test_a_failure_does_not_replace_a_prediction(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id))

    store.predictions.add(make_record(sha256, session_id=session.id, outcome=Failure("It was busy.")))

    assert not stored(store, sha256).failed


def test_a_prediction_of_a_changed_model_is_not_reused(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version(etag="old")))

    assert store.predictions.find([sha256], [make_version(etag="new")]) == []


def test_only_records_of_the_requested_versions_are_returned(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("v1")))
    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("v2")))

    (record,) = store.predictions.find([sha256], [make_version("v2")])

    assert record.version.version == "v2"


def test_records_do_not_depend_on_deployment(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id))

    assert stored(store, sha256, replace(make_version(), deployed=False)).sha256 == sha256


def test_records_of_very_many_images_are_found(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id))

    found = store.predictions.find([f"{place:064}" for place in range(1200)] + [sha256], [make_version()])

    assert [record.sha256 for record in found] == [sha256]


def test_missing_and_failed_images_are_distinguished(store: Store, session: Session) -> None:
    answered, failed, never = (add_image(store, session, content) for content in (b"1", b"2", b"3"))
    store.predictions.add(make_record(answered, session_id=session.id))
    store.predictions.add(make_record(failed, session_id=session.id, outcome=Failure("It was busy.")))

    assert [image.sha256 for image in store.predictions.find_unpredicted(session.id, make_version())] == [never]
    assert [image.sha256 for image in store.predictions.find_failed(session.id, make_version())] == [failed]


def test_a_new_version_lacks_predictions_of_all_images(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)

    assert [image.sha256 for image in store.predictions.find_unpredicted(session.id, make_version("new"))] == [sha256]


def test_versions_of_a_session_are_in_the_order_of_first_use(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("b")))
    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("a")))

    assert store.predictions.find_versions(session.id) == [make_version("b"), make_version("a")]


def test_versions_with_predictions_precede_those_with_only_failures(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    busy, later = make_version("busy"), NOON + timedelta(minutes=1)
    store.predictions.add(make_record(sha256, session_id=session.id, version=busy, outcome=Failure("It was busy.")))
    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("v1"), requested_at=later))

    assert store.predictions.find_versions(session.id) == [make_version("v1"), busy]


def test_predictions_of_another_session_are_reused_for_the_same_version(store: Store, session: Session) -> None:
    sha256 = add_image(store, session)
    store.predictions.add(make_record(sha256, session_id=session.id))
    other = store.sessions.create("Other", NOON)

    add_image(store, other)
    store.predictions.add_versions(other.id, [make_version()], NOON)

    assert store.predictions.find_versions(other.id) == [make_version()]
    assert store.predictions.find_unpredicted(other.id, make_version()) == []


@given(scores)
def test_packed_scores_round_trip_exactly(named: dict[str, float]) -> None:
    prediction = unpack(pack(Prediction(tuple(named), tuple(named.values()))))

    assert dict(zip(prediction.labels, prediction.values, strict=True)) == named


def test_scores_are_packed_as_little_endian_32_bit_floats_by_label() -> None:
    packed = pack(make_prediction(dog=0.25, cat=0.75))

    assert packed.labels == ("cat", "dog")
    assert np.frombuffer(packed.scores, "<f4").tolist() == [0.75, 0.25]


def test_a_label_that_a_model_has_twice_keeps_both_scores() -> None:
    prediction = unpack(pack(Prediction(("crane", "crane", "owl"), (0.5, 0.25, 0.125))))

    assert sorted(zip(prediction.labels, prediction.values, strict=True)) == [
        ("crane", 0.25),
        ("crane", 0.5),
        ("owl", 0.125),
    ]


@pytest.mark.parametrize("words", ["Übergröße 🐦", "a\nb", "", "nul\0", "half\ud800"], ids=ascii)
def test_labels_are_stored_unchanged(store: Store, session: Session, words: str) -> None:
    record = make_record(add_image(store, session), session_id=session.id, outcome=Prediction((words,), (0.5,)))

    store.predictions.add(record)

    assert stored(store, record.sha256) == record


def test_unstorable_characters_in_a_failure_are_replaced(store: Store, session: Session) -> None:
    record = make_record(add_image(store, session), session_id=session.id, outcome=Failure("half\ud800 nul\0"))

    store.predictions.add(record)

    assert stored(store, record.sha256).outcome == Failure("half? nul\ufffd")


def test_unstorable_characters_in_a_version_are_replaced(store: Store, session: Session) -> None:
    version = ModelVersion("nul\0", "half\ud800", "half\ud800", "nul\0", "nul\0")
    sha256 = add_image(store, session)

    store.predictions.add(make_record(sha256, session_id=session.id, version=version))

    assert stored(store, sha256, version).version == version
    assert store.predictions.find_versions(session.id) == [
        ModelVersion("nul\ufffd", "half?", "half?", "nul\ufffd", "nul\ufffd")
    ]


def test_a_truncated_prediction_is_marked(store: Store, session: Session) -> None:
    whole, truncated = make_version("v1"), make_version("v2")
    prepared = make_prepared_image()
    store.images.add(session.id, prepared, NOON)
    sha256 = prepared.image.sha256
    some = Prediction(("cat", "dog"), (0.5, 0.25), truncated=True)
    store.predictions.add(make_record(sha256, session_id=session.id, version=whole))
    store.predictions.add(make_record(sha256, session_id=session.id, version=truncated, outcome=some))

    assert [record.outcome for record in store.predictions.find([sha256], [truncated])] == [some]
    assert (store.predictions.has_truncated(whole), store.predictions.has_truncated(truncated)) == (False, True)
    assert not store.predictions.has_truncated(make_version("never asked"))
