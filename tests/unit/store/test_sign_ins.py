"""Sign-ins that were ended before they expired."""

from datetime import timedelta

from lib.store import Store
from tests.builders.values import NOON
from tests.unit.conftest import OpenStore


def test_an_ended_sign_in_is_ended_in_every_process(open_store: OpenStore) -> None:
    here, elsewhere = open_store(), open_store()

    here.people.end_sign_in("a", NOON)
    here.people.end_sign_in("a", NOON)

    assert elsewhere.people.has_ended("a")
    assert not elsewhere.people.has_ended("b")


def test_old_ended_sign_ins_can_be_deleted(store: Store) -> None:
    store.people.end_sign_in("old", NOON)
    store.people.end_sign_in("new", NOON + timedelta(days=1))

    store.people.forget_sign_ins(NOON + timedelta(hours=1))

    assert (store.people.has_ended("old"), store.people.has_ended("new")) == (False, True)
