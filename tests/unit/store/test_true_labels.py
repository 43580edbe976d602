"""True labels of images."""

from lib.domain.matrix import Filter, RowSearch
from lib.domain.predictions import Prediction
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version
from tests.unit.conftest import OpenStore


def add_image(store: Store, session: Session, content: bytes) -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def test_a_true_label_can_be_set_for_several_images(store: Store, session: Session, open_store: OpenStore) -> None:
    first, second, third = (add_image(store, session, content) for content in (b"1", b"2", b"3"))

    store.annotations.set_true_labels(session.id, [first, second], make_true_label("cat"), "Ada", NOON)

    found = [open_store().annotations.find_true_label(session.id, sha256) for sha256 in (first, second, third)]
    assert found == [make_true_label("cat"), make_true_label("cat"), None]


def test_a_true_label_can_be_changed_and_cleared(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("cat"), "Ada", NOON)

    store.annotations.set_true_labels(session.id, [sha256], make_true_label("dog"), "Grace", NOON)
    changed = store.annotations.find_true_label(session.id, sha256)
    store.annotations.set_true_labels(session.id, [sha256], None, "Ada", NOON)

    assert (changed, store.annotations.find_true_label(session.id, sha256)) == (make_true_label("dog"), None)


def test_each_session_has_its_own_true_labels(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    sha256 = add_image(store, session, b"1")
    add_image(store, other, b"1")

    store.annotations.set_true_labels(session.id, [sha256], make_true_label("cat"), "Ada", NOON)

    assert (
        store.annotations.find_true_label(session.id, sha256),
        store.annotations.find_true_label(other.id, sha256),
    ) == (make_true_label("cat"), None)


def test_unstorable_characters_in_a_label_are_replaced(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"1")

    store.annotations.set_true_labels(session.id, [sha256], make_true_label("nul\0 half\ud800"), "Ada", NOON)

    assert store.annotations.find_true_label(session.id, sha256) == make_true_label("nul\ufffd half?")


def test_label_options_list_used_labels_before_those_of_versions(store: Store, session: Session) -> None:
    first, second, third = (add_image(store, session, content) for content in (b"1", b"2", b"3"))
    store.predictions.add(make_record(first, session_id=session.id, outcome=make_prediction(dog=0.9, cat=0.1)))
    store.annotations.set_true_labels(session.id, [first], make_true_label("wolf"), "Ada", NOON)
    store.annotations.set_true_labels(session.id, [second, third], make_true_label("cat"), "Ada", NOON)

    assert store.annotations.find_labels(session.id, [make_version()]) == ["cat", "wolf", "dog"]


def test_an_empty_session_has_no_labels(store: Store, session: Session) -> None:
    assert store.annotations.find_labels(session.id, [make_version()]) == []


def test_an_unknown_image_has_no_true_label(store: Store, session: Session) -> None:
    assert store.annotations.find_true_label(session.id, "0" * 64) is None


def test_a_true_label_may_be_several_labels_or_none(store: Store, session: Session, open_store: OpenStore) -> None:
    several, none = add_image(store, session, b"1"), add_image(store, session, b"2")

    store.annotations.set_true_labels(session.id, [several], make_true_label(["cat", "dog"]), "Ada", NOON)
    store.annotations.set_true_labels(session.id, [none], make_true_label([]), "Ada", NOON)

    found = [open_store().annotations.find_true_label(session.id, sha256) for sha256 in (several, none)]
    assert found == [make_true_label(["cat", "dog"]), make_true_label([])]


def test_a_version_is_correct_with_any_acceptable_label_or_with_none_if_none_applies(
    store: Store, session: Session
) -> None:
    versions = (make_version("v1"),)
    for number, (labels, predicted) in enumerate(
        [
            (["cat", "dog"], make_prediction(dog=0.9)),
            (["cat", "do%"], make_prediction(dog=0.9)),
            ([], Prediction((), ())),
            ([], make_prediction(cat=0.9)),
        ]
    ):
        sha256 = add_image(store, session, b"%d" % number)
        store.predictions.add(make_record(sha256, session_id=session.id, outcome=predicted))
        store.annotations.set_true_labels(session.id, [sha256], make_true_label(labels), "Ada", NOON)

    wrong = store.matrix.find_rows(session.id, RowSearch(versions, frozenset({Filter.WRONG}))).rows

    assert [str(row.true_label) for row in wrong] == ["cat or do%", "none of these labels"]
