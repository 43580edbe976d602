"""The list of sessions: search, order, summaries, renaming and archiving."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert

from lib.domain.predictions import Coverage, Failure, Prediction
from lib.domain.sessions import Session, SessionOrder, SessionSearch
from lib.store import Store
from lib.store.tables import sessions
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version
from tests.unit.conftest import OpenStore

CAT, DOG = make_prediction(cat=0.9, dog=0.1), make_prediction(cat=0.2, dog=0.8)


def add_answered(store: Store, session: Session, content: bytes, **answers: Prediction | Failure) -> str:
    """Add an image with predictions by version name, and return its SHA-256."""
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    for name, outcome in answers.items():
        record = make_record(prepared.image.sha256, session_id=session.id, version=make_version(name), outcome=outcome)
        store.predictions.add(record)
    return prepared.image.sha256


def titles(store: Store, search: SessionSearch) -> list[str]:
    return [summary.session.title for summary in store.sessions.find(search)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bird", ["More birds", "Birds"]),
        ("BATCH 7", ["Parts, batch 7"]),
        ("ada", ["Parts, batch 7"]),
        ("100%", ["100% sure_ly"]),
        ("%", ["100% sure_ly"]),
        ("_", ["100% sure_ly"]),
        ("nobody", []),
    ],
)
def test_sessions_can_be_searched_by_title_or_creator(store: Store, words: str, found: list[str]) -> None:
    store.sessions.create("Birds", NOON)
    store.sessions.create("Parts, batch 7", NOON, by="Ada")
    store.sessions.create("100% sure_ly", NOON)
    store.sessions.create("More birds", NOON)

    assert titles(store, SessionSearch(words)) == found
    assert store.sessions.count(SessionSearch(words)) == len(found)


def test_sessions_are_sorted_by_time_and_title(store: Store) -> None:
    for hours, title in enumerate(["b", "C", "a"]):
        store.sessions.create(title, NOON + timedelta(hours=hours))

    assert titles(store, SessionSearch(order=SessionOrder.LATEST)) == ["a", "C", "b"]
    assert titles(store, SessionSearch(order=SessionOrder.OLDEST)) == ["b", "C", "a"]
    assert titles(store, SessionSearch(order=SessionOrder.TITLE)) == ["a", "b", "C"]


def test_sessions_are_sorted_by_their_current_content(store: Store) -> None:
    two, one = store.sessions.create("two", NOON), store.sessions.create("one", NOON)
    store.sessions.create("none", NOON)
    add_answered(store, two, b"1", a=CAT, b=DOG)
    known = add_answered(store, two, b"2", a=CAT, b=CAT)
    add_answered(store, one, b"3", a=CAT, b=CAT)
    store.annotations.set_true_labels(two.id, [known], make_true_label("cat"), "Ada", NOON)

    assert titles(store, SessionSearch(order=SessionOrder.IMAGES)) == ["two", "one", "none"]
    assert titles(store, SessionSearch(order=SessionOrder.AGREEMENT)) == ["two", "one", "none"]
    assert titles(store, SessionSearch(order=SessionOrder.REVIEWED)) == ["one", "two", "none"]


def test_a_summary_counts_images_versions_agreement_and_reviews(store: Store, session: Session) -> None:
    known = add_answered(store, session, b"1", a=CAT, b=CAT)
    add_answered(store, session, b"2", a=CAT, b=DOG)
    add_answered(store, session, b"3", a=CAT, b=Failure("It was busy."))
    add_answered(store, session, b"4", a=Prediction((), ()), b=Prediction((), ()))
    store.annotations.set_true_labels(session.id, [known], make_true_label("cat"), "Ada", NOON)

    (summary,) = store.sessions.find()

    # A failure is no answer, so three images are compared; naming no label twice is agreement.
    assert (summary.session.image_count, summary.version_count) == (4, 2)
    assert (summary.compared, summary.agreeing, summary.reviewed) == (3, 2, 1)
    assert summary.agreement == pytest.approx(2 / 3)


def test_a_summary_follows_every_change(store: Store, session: Session) -> None:
    sha256 = add_answered(store, session, b"1", a=CAT)
    before = store.sessions.find()[0]

    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("b"), outcome=DOG))
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("cat"), "Ada", NOON)

    after = store.sessions.find()[0]
    assert (before.compared, before.agreement, before.reviewed) == (0, None, 0)
    assert (after.compared, after.agreement, after.reviewed) == (1, 0.0, 1)


def test_a_prediction_counts_only_in_sessions_that_requested_it(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    add_answered(store, session, b"1", a=CAT)
    sha256 = add_answered(store, other, b"1")

    store.predictions.add(make_record(sha256, session_id=other.id, version=make_version("b"), outcome=DOG))

    assert [(summary.version_count, summary.agreeing) for summary in store.sessions.find()] == [(1, 0), (1, 0)]


def test_coverage_distinguishes_predictions_from_failures(store: Store, session: Session) -> None:
    add_answered(store, session, b"1", a=CAT, b=Failure("It was busy."))
    add_answered(store, session, b"2", a=DOG)

    assert store.predictions.find_coverage(session.id) == {
        make_version("a"): Coverage(predictions=2, failures=0),
        make_version("b"): Coverage(predictions=0, failures=1),
    }


def test_a_failure_replaced_by_a_prediction_is_not_counted(store: Store, session: Session) -> None:
    sha256 = add_answered(store, session, b"1", a=Failure("It was busy."))

    store.predictions.add(make_record(sha256, session_id=session.id, version=make_version("a"), outcome=CAT))

    assert store.predictions.find_coverage(session.id) == {make_version("a"): Coverage(predictions=1, failures=0)}


def test_a_session_keeps_its_creator_and_can_be_renamed(store: Store, open_store: OpenStore) -> None:
    session = store.sessions.create("Birds", NOON, by="Ada")

    store.sessions.rename(session.id, "Birds of November")

    found = open_store().sessions.get(session.id)
    assert (found.title, found.created_by) == ("Birds of November", "Ada")


def test_an_archived_session_is_listed_separately_until_it_is_restored(store: Store, session: Session) -> None:
    store.sessions.archive(session.id, NOON)

    assert (titles(store, SessionSearch()), titles(store, SessionSearch(archived=True))) == ([], ["Birds"])
    assert store.sessions.get(session.id).archived
    store.sessions.archive(session.id, None)
    assert titles(store, SessionSearch()) == ["Birds"]


def test_the_revision_changes_only_with_images_predictions_and_true_labels(store: Store, session: Session) -> None:
    sha256 = add_answered(store, session, b"1")
    with_image = store.sessions.get(session.id).revision
    store.predictions.add(make_record(sha256, session_id=session.id, outcome=CAT))
    with_answer = store.sessions.get(session.id).revision
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("cat"), "Ada", NOON)
    with_truth = store.sessions.get(session.id).revision
    store.sessions.find()
    store.sessions.rename(session.id, "Other")
    store.predictions.add(make_record(sha256, session_id=session.id, outcome=DOG))

    assert 0 < with_image < with_answer < with_truth == store.sessions.get(session.id).revision


def test_the_state_changes_with_every_change_in_any_session(store: Store, session: Session) -> None:
    states = [store.sessions.find_state()]
    sha256 = add_answered(store, session, b"1", a=CAT)
    states.append(store.sessions.find_state())
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("cat"), "Ada", NOON)
    states.append(store.sessions.find_state())
    store.sessions.delete(session.id)
    states.append(store.sessions.find_state())

    assert len(set(states)) == 4


@pytest.mark.sqlite_only
def test_pages_of_ten_thousand_sessions_contain_each_once(store: Store, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'test.db'}")
    rows = [{"id": f"{place:012}", "title": f"Session {place}", "created_at": NOON} for place in range(10_000)]
    with engine.begin() as connection:
        connection.execute(insert(sessions), rows)
    engine.dispose()

    pages = [store.sessions.find(offset=offset, limit=500) for offset in range(0, 10_000, 500)]

    assert store.sessions.count() == 10_000
    assert len({summary.session.id for page in pages for summary in page}) == 10_000
