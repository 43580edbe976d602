"""People come in and go out."""

from datetime import UTC, datetime, timedelta

from lib.domain.audit import Action, AuditEvent
from lib.domain.people import Person
from lib.store import Store
from lib.workflows.audit import record_event


def record_sign_in(store: Store, person: Person) -> None:
    """Record that somebody was let in, once for each sign-in, however often and wherever they are let in by it."""
    words = f"as {person.role.name.lower()}"
    store.audit.record_sign_in(
        person.sign_in, AuditEvent(datetime.now(UTC), person.address, Action.SIGN_IN, details=words)
    )


def record_not_admitted(store: Store, address: str) -> None:
    """Record that somebody with this verified address was not let in; repeats are merged."""
    words = "may not come in"
    store.audit.record_denial(AuditEvent(datetime.now(UTC), address, Action.SIGN_IN, details=words))


def sign_out(store: Store, person: Person, lasts: timedelta) -> None:
    """End the sign-in wherever its cookie is, and forget those that began more than `lasts` ago.

    It ends, and is recorded, once, however many windows ask for it.
    """
    now = datetime.now(UTC)
    if store.people.end_sign_in(person.sign_in, now):
        record_event(store, person.as_actor(), Action.SIGN_OUT)
    store.people.forget_sign_ins(now - lasts)
