"""The audit log: appended events and detection of tampering."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lib.domain.audit import AuditEvent, ChainBreak
from lib.domain.permissions import Action
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.values import NOON
from tests.unit.conftest import OpenStore

ANNOTATED = AuditEvent(NOON, "Ada", Action.ANNOTATE, "a-session", "correct")
REFUSED = AuditEvent(NOON, "Vera", Action.DELETE_SESSION, "a-session", "needs the role admin")
HOUR = timedelta(hours=1)


@pytest.fixture
def database(tmp_path: Path, store: Store) -> Path:
    """The file of a store whose log has five entries."""
    for number in range(1, 6):
        store.audit.record(replace(ANNOTATED, details=f"event {number}"))
    return tmp_path / "data" / "test.db"


def change(database: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
    """Execute SQL as a person with access to the database file."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement, values)


def test_events_are_listed_as_recorded_with_the_latest_first(store: Store) -> None:
    store.audit.record(ANNOTATED)
    store.audit.record(AuditEvent(NOON, "", Action.CREATE_LINK, "a-session", "for 7 days"))

    latest, first = store.audit.find()
    assert (latest.actor, latest.description, latest.session_id, latest.details) == (
        "",
        "Created link",
        "a-session",
        "for 7 days",
    )
    assert (first.number, first.at, first.actor) == (1, "2026-11-23T12:00:00.000000+00:00", "Ada")
    assert store.audit.count() == 2


def test_events_are_found_page_by_page(store: Store, database: Path) -> None:
    assert [entry.details for entry in store.audit.find(offset=1, limit=2)] == ["event 4", "event 3"]
    assert [entry.details for entry in store.audit.find(before=3)] == ["event 2", "event 1"]


def test_every_action_can_be_recorded(store: Store) -> None:
    for action in Action:
        store.audit.record(replace(ANNOTATED, action=action))

    assert {entry.description for entry in store.audit.find()} == {action.value for action in Action}


def test_events_are_kept_after_their_session_is_deleted(store: Store, session: Session) -> None:
    store.audit.record(replace(ANNOTATED, session_id=session.id))

    store.sessions.delete(session.id)

    assert [entry.session_id for entry in store.audit.find()] == [session.id]


def test_the_hash_of_an_entry_is_the_sha256_of_its_json_and_of_the_hash_before(store: Store) -> None:
    store.audit.record(replace(ANNOTATED, details="“Äpfel”"))

    # Written out by hand: names in order, no spaces, ASCII.
    content = (
        '{"action":"ANNOTATE","actor":"Ada","at":"2026-11-23T12:00:00.000000+00:00",'
        '"details":"\\u201c\\u00c4pfel\\u201d","number":1,"previous_hash":"' + "0" * 64 + '","session_id":"a-session"}'
    )
    assert [entry.hash for entry in store.audit.find()] == [hashlib.sha256(content.encode()).hexdigest()]


@pytest.mark.parametrize("details", ["\0", "\ud800", "x" * 5000, "a\r\nb", "\N{PILE OF POO}"])
def test_any_text_in_an_event_keeps_the_log_intact(store: Store, details: str) -> None:
    store.audit.record(AuditEvent(NOON, details, Action.PREDICT, details, details))
    store.audit.record(ANNOTATED)

    assert store.audit.verify() is None
    assert all(len(entry.details) <= 1000 and len(entry.actor) <= 320 for entry in store.audit.find())


def test_an_intact_log_contains_each_of_its_earlier_heads(store: Store, database: Path) -> None:
    heads = [(entry.number, entry.hash) for entry in store.audit.find()]

    assert store.audit.verify() is None
    assert [store.audit.verify(head) for head in heads] == [None] * 5


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("statements", "number"),
    [
        (["UPDATE audit_events SET details = 'nothing' WHERE number = 3"], 3),
        (["UPDATE audit_events SET actor = 'Grace' WHERE number = 3"], 3),
        (["UPDATE audit_events SET action = 'SIGN_IN' WHERE number = 3"], 3),
        (["UPDATE audit_events SET session_id = '' WHERE number = 3"], 3),
        (["UPDATE audit_events SET at = '2026-11-23T12:00:01.000000+00:00' WHERE number = 3"], 3),
        (["UPDATE audit_events SET at = 'yesterday', action = 'NO_SUCH' WHERE number = 1"], 1),
        (["UPDATE audit_events SET details = CAST(x'ff' AS TEXT) WHERE number = 3"], 3),
        (["UPDATE audit_events SET details = x'6576656e742033' WHERE number = 3"], 3),
        (["UPDATE audit_events SET hash = previous_hash WHERE number = 3"], 3),
        (["UPDATE audit_events SET previous_hash = hash WHERE number = 3"], 3),
        # From the beginning, and from the middle; also with the others moved up.
        (["DELETE FROM audit_events WHERE number = 1"], 1),
        (["DELETE FROM audit_events WHERE number = 3"], 3),
        (["DELETE FROM audit_events WHERE number < 5"], 1),
        (
            [
                "DELETE FROM audit_events WHERE number = 3",
                "UPDATE audit_events SET number = 3 WHERE number = 4",
                "UPDATE audit_events SET number = 4 WHERE number = 5",
            ],
            3,
        ),
        # Two in the other order.
        (
            [
                "UPDATE audit_events SET number = 9 WHERE number = 2",
                "UPDATE audit_events SET number = 2 WHERE number = 3",
                "UPDATE audit_events SET number = 3 WHERE number = 9",
            ],
            2,
        ),
        # One more at the front, in the middle, at the end, and one twice.
        (
            ["INSERT INTO audit_events SELECT 0, at, actor, action, '', details, hash, hash FROM audit_events LIMIT 1"],
            1,
        ),
        (
            [
                "UPDATE audit_events SET number = 6 WHERE number = 5",
                "UPDATE audit_events SET number = 5 WHERE number = 4",
                "INSERT INTO audit_events SELECT 4, at, actor, action, '', details, previous_hash, hash"
                " FROM audit_events WHERE number = 5",
            ],
            4,
        ),
        (
            ["INSERT INTO audit_events SELECT 6, at, actor, action, '', details, hash, hash FROM audit_events LIMIT 1"],
            6,
        ),
    ],
)
def test_tampering_is_detected_at_the_first_affected_event(
    store: Store, database: Path, statements: list[str], number: int
) -> None:
    change(database, *statements)

    found = store.audit.verify()
    assert found is not None
    assert found.number == number


@pytest.mark.sqlite_only
def test_a_changed_event_with_a_new_hash_is_detected_at_the_next(store: Store, database: Path) -> None:
    forged = replace(store.audit.find(offset=2, limit=1)[0], actor="Eve")
    names = ("action", "actor", "at", "details", "number", "previous_hash", "session_id")
    content = json.dumps({name: getattr(forged, name) for name in names}, separators=(",", ":"))
    sha256 = hashlib.sha256(content.encode()).hexdigest()

    change(database, "UPDATE audit_events SET actor = 'Eve', hash = ? WHERE number = 3", values=(sha256,))

    assert store.audit.verify() == ChainBreak(4, "it does not follow the entry before it")


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("kept", "first_missing"), [(4, 5), (1, 2), (0, 1)])
def test_deleted_latest_events_are_detected_only_with_a_saved_head(
    store: Store, database: Path, kept: int, first_missing: int
) -> None:
    (latest,) = store.audit.find(limit=1)
    change(database, "DELETE FROM audit_events WHERE number > ?", values=(kept,))

    assert store.audit.verify() is None
    found = store.audit.verify((latest.number, latest.hash))
    assert found is not None
    assert found.number == first_missing


@pytest.mark.sqlite_only
def test_deleted_latest_events_are_detected_after_their_numbers_are_reused(store: Store, database: Path) -> None:
    (latest,) = store.audit.find(limit=1)
    change(database, "DELETE FROM audit_events WHERE number > 3")
    store.audit.record(ANNOTATED)
    store.audit.record(ANNOTATED)

    assert store.audit.verify() is None
    assert store.audit.verify((latest.number, latest.hash)) == ChainBreak(5, "its hash is not the one that you saved")


def test_concurrent_events_from_several_processes_form_one_chain(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(4)]

    def record(writer: int) -> None:
        for number in range(10):
            stores[writer % 4].audit.record(replace(ANNOTATED, actor=f"{writer}", details=f"{number}"))

    with ThreadPoolExecutor(20) as executor:
        list(executor.map(record, range(20)))

    assert stores[0].audit.verify() is None
    entries = stores[0].audit.find(limit=500)
    assert {(entry.actor, entry.details) for entry in entries} == {
        (f"{a}", f"{b}") for a in range(20) for b in range(10)
    }
    assert len(entries) == 200


def test_a_refused_action_is_recorded_immediately(store: Store) -> None:
    store.audit.record_denial(REFUSED)

    (entry,) = store.audit.find()
    assert (entry.actor, entry.description, entry.session_id) == ("Vera", "Was refused", "a-session")
    assert entry.details == "Deleted session: needs the role admin"


def test_repeated_refused_actions_within_an_hour_are_one_event_with_a_count(store: Store) -> None:
    for minute in range(60):
        store.audit.record_denial(replace(REFUSED, at=NOON + minute * timedelta(minutes=1)))
    counted = store.audit.find_repeats()
    within = store.audit.count()

    store.audit.record(replace(ANNOTATED, at=NOON + HOUR))

    assert within == 1
    assert [(repeats.actor, repeats.count) for repeats in counted] == [("Vera", 59)]
    _, merged, _ = store.audit.find()
    assert merged.details == "Deleted session: 59 more times, last at 2026-11-23 12:59:00 UTC"
    assert store.audit.find_repeats() == []
    assert store.audit.verify() is None


def test_a_refused_action_after_an_hour_is_a_new_event(store: Store) -> None:
    store.audit.record_denial(REFUSED)
    store.audit.record_denial(replace(REFUSED, at=NOON + HOUR))

    assert store.audit.count() == 2


@pytest.mark.parametrize("other", [replace(REFUSED, actor="Walt"), replace(REFUSED, action=Action.DEPLOY)])
def test_other_people_and_other_actions_are_not_merged(store: Store, other: AuditEvent) -> None:
    store.audit.record_denial(REFUSED)
    store.audit.record_denial(other)

    assert store.audit.count() == 2


def test_the_count_of_refused_actions_survives_a_restart(open_store: OpenStore) -> None:
    first = open_store()
    first.audit.record_denial(REFUSED)
    first.audit.record_denial(REFUSED)
    first.close()

    again = open_store()
    again.audit.record(replace(ANNOTATED, at=NOON + HOUR))

    assert "once more" in again.audit.find(offset=1)[0].details


def test_concurrent_refused_actions_are_all_counted(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(4)]

    with ThreadPoolExecutor(20) as executor:
        list(executor.map(lambda number: stores[number % 4].audit.record_denial(REFUSED), range(100)))

    assert stores[0].audit.count() == 1
    assert [repeats.count for repeats in stores[0].audit.find_repeats()] == [99]


def test_a_sign_in_is_recorded_once_across_processes(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(4)]
    event = AuditEvent(NOON, "ada@example.com", Action.SIGN_IN)

    with ThreadPoolExecutor(20) as executor:
        recorded: Callable[[int], bool] = lambda number: stores[number % 4].audit.record_sign_in("one", event)  # noqa: E731
        found = list(executor.map(recorded, range(40)))

    assert sum(found) == 1
    assert stores[0].audit.count() == 1
    assert stores[0].audit.record_sign_in("two", event)
