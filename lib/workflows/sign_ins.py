"""Sign-ins and sign-outs, with their audit events."""

from datetime import UTC, datetime, timedelta

from lib.domain.audit import AuditEvent
from lib.domain.people import Person
from lib.domain.permissions import Action
from lib.store import Store
from lib.workflows.authorization import record_event


def record_sign_in(store: Store, person: Person) -> None:
    """Record that somebody signed in, once for each sign-in, however often it is used."""
    details = f"as {person.role.name.lower()}"
    store.audit.record_sign_in(
        person.sign_in, AuditEvent(datetime.now(UTC), person.address, Action.SIGN_IN, details=details)
    )


def record_not_admitted(store: Store, address: str) -> None:
    """Record that somebody with this verified address was not admitted; repeats are merged."""
    details = "not admitted"
    store.audit.record_denial(AuditEvent(datetime.now(UTC), address, Action.SIGN_IN, details=details))


def sign_out(store: Store, person: Person, lasts: timedelta) -> None:
    """End a sign-in with all copies of its cookie, and forget sign-ins that began more than `lasts` ago.

    It is recorded once, however many windows sign out.
    """
    now = datetime.now(UTC)
    if store.people.end_sign_in(person.sign_in, now):
        record_event(store, person.as_actor(), Action.SIGN_OUT)
    store.people.forget_sign_ins(now - lasts)
