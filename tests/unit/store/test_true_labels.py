"""The labels known to be right."""

from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version
from tests.unit.conftest import OpenStore


def add_image(store: Store, session: Session, content: bytes) -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def test_a_truth_is_set_for_several_images_at_once_and_kept(
    store: Store, session: Session, open_store: OpenStore
) -> None:
    first, second, third = (add_image(store, session, content) for content in (b"1", b"2", b"3"))

    store.annotations.set_true_labels(session.id, [first, second], "cat", "Ada", NOON)

    found = [open_store().annotations.find_true_label(session.id, sha256) for sha256 in (first, second, third)]
    assert found == ["cat", "cat", None]


def test_a_truth_can_be_changed_and_taken_back(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    store.annotations.set_true_labels(session.id, [sha256], "cat", "Ada", NOON)

    store.annotations.set_true_labels(session.id, [sha256], "dog", "Grace", NOON)
    changed = store.annotations.find_true_label(session.id, sha256)
    store.annotations.set_true_labels(session.id, [sha256], None, "Ada", NOON)

    assert (changed, store.annotations.find_true_label(session.id, sha256)) == ("dog", None)


def test_each_session_has_its_own_truth(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1")
    add_image(store, other, b"1")

    store.annotations.set_true_labels(session.id, [sha256], "cat", "Ada", NOON)

    assert (
        store.annotations.find_true_label(session.id, sha256),
        store.annotations.find_true_label(other.id, sha256),
    ) == ("cat", None)


def test_what_no_database_can_hold_in_a_label_is_marked(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")

    store.annotations.set_true_labels(session.id, [sha256], "nul\0 half\ud800", "Ada", NOON)

    assert store.annotations.find_true_label(session.id, sha256) == "nul\ufffd half?"


def test_labels_to_choose_from_are_those_used_first_and_then_the_versions_own(store: Store, session: Session) -> None:
    first, second, third = (add_image(store, session, content) for content in (b"1", b"2", b"3"))
    store.predictions.add(make_record(first, session_id=session.id, outcome=make_prediction(dog=0.9, cat=0.1)))
    store.annotations.set_true_labels(session.id, [first], "wolf", "Ada", NOON)
    store.annotations.set_true_labels(session.id, [second, third], "cat", "Ada", NOON)

    assert store.annotations.find_labels(session.id, [make_version()]) == ["cat", "wolf", "dog"]


def test_an_empty_session_has_no_labels(store: Store, session: Session) -> None:
    assert store.annotations.find_labels(session.id, [make_version()]) == []


def test_an_unknown_image_has_no_truth(store: Store, session: Session) -> None:
    assert store.annotations.find_true_label(session.id, "0" * 64) is None
