"""The images of a session that must not regress."""

from datetime import timedelta

import pytest

from lib.domain.matrix import Filter, RowSearch
from lib.domain.pairs import VersionPair
from lib.domain.sessions import Session
from lib.errors import UnknownSession
from lib.store import Store
from tests.builders.compared_session import VERSIONS, Row, make_compared_session
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prepared_image
from tests.unit.conftest import OpenStore

MARKED, OTHER = (make_prepared_image(content) for content in (b"marked", b"other"))
SHA256 = MARKED.image.sha256


@pytest.fixture
def filled(store: Store, session: Session) -> Session:
    """A session of two images, one of which is in the set."""
    for prepared in (MARKED, OTHER):
        store.images.add(session.id, prepared, NOON)
    store.images.set_must_not_regress(session.id, [SHA256], marked=True)
    return session


def test_marked_images_are_kept(filled: Session, open_store: OpenStore) -> None:
    assert open_store().images.find_must_not_regress(filled.id) == {SHA256}


def test_no_image_is_in_the_set_at_first(store: Store, session: Session) -> None:
    store.images.add(session.id, MARKED, NOON)

    assert store.images.find_must_not_regress(session.id) == frozenset()


def test_a_mark_can_be_cleared(store: Store, filled: Session) -> None:
    store.images.set_must_not_regress(filled.id, [SHA256, OTHER.image.sha256], marked=False)

    assert store.images.find_must_not_regress(filled.id) == frozenset()


def test_each_session_has_its_own_set(store: Store, filled: Session) -> None:
    other = store.sessions.create("Other", NOON)
    store.images.add(other.id, MARKED, NOON)

    assert store.images.find_must_not_regress(other.id) == frozenset()


def test_a_change_of_the_set_changes_the_revision(store: Store, filled: Session) -> None:
    before = store.sessions.find_state()

    store.images.set_must_not_regress(filled.id, [SHA256], marked=False)

    assert store.sessions.find_state() != before


def test_a_deleted_session_has_no_set_to_change(store: Store, filled: Session) -> None:
    store.sessions.delete(filled.id)

    with pytest.raises(UnknownSession):
        store.images.set_must_not_regress(filled.id, [SHA256], marked=True)


def test_rows_show_the_mark_and_are_filtered_by_it(store: Store, filled: Session) -> None:
    everything = store.matrix.find_rows(filled.id, RowSearch(()))
    found = store.matrix.find_rows(filled.id, RowSearch((), frozenset({Filter.MUST_NOT_REGRESS})))

    assert [row.must_not_regress for row in everything.rows] == [True, False]
    assert ([row.image.sha256 for row in found.rows], found.total) == ([SHA256], 1)


def test_pairs_have_the_mark(store: Store) -> None:
    session = make_compared_session(store, [Row(must_not_regress=True), Row()])

    pairs = store.pairs.find(VersionPair(session.id, *VERSIONS.values()))

    assert [pair.must_not_regress for pair in pairs] == [True, False]


def test_over_all_sessions_a_mark_in_any_session_counts(store: Store) -> None:
    golden = make_compared_session(store, [Row(must_not_regress=True)], "Golden")
    (image,) = store.images.find(golden.id)
    later = store.sessions.create("Later", NOON)
    store.images.add(later.id, store.images.get_prepared(golden.id, image.sha256), NOON)
    store.annotations.set_true_labels(
        later.id, [image.sha256], make_true_label("dog"), "Ada", NOON + timedelta(minutes=1)
    )

    (pair,) = store.pairs.find(VersionPair(None, *VERSIONS.values()))

    assert (pair.session_id, pair.must_not_regress) == (later.id, True)
