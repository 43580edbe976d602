"""The log of who did what."""

from dataclasses import replace

from lib.domain.deed import Action, Deed
from lib.domain.session import Session
from lib.store import Store
from tests.builders import NOON

JUDGED = Deed(NOON, "Ada", Action.JUDGE, "a-session", "correct, 0123456789ab")


def test_lines_come_as_they_were_written_the_latest_first(store: Store) -> None:
    shared = Deed(NOON, "", Action.SHARE, "a-session", "for 7 days")
    store.add_deed(JUDGED)
    store.add_deed(shared)

    assert store.find_deeds() == [shared, JUDGED]
    assert store.count_deeds() == 2


def test_lines_are_found_page_by_page(store: Store) -> None:
    for number in range(5):
        store.add_deed(replace(JUDGED, about=f"{number}"))

    assert [deed.about for deed in store.find_deeds(offset=1, limit=2)] == ["3", "2"]


def test_every_action_can_be_written_down(store: Store) -> None:
    for action in Action:
        store.add_deed(replace(JUDGED, action=action))

    assert {deed.action for deed in store.find_deeds()} == set(Action)


def test_lines_outlive_the_session_that_they_are_about(store: Store, session: Session) -> None:
    store.add_deed(replace(JUDGED, session_id=session.id))

    store.delete_session(session.id)

    assert [deed.session_id for deed in store.find_deeds()] == [session.id]
