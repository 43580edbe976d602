"""The start and the end of every change: whether the actor may make it, and the event in the audit log.

A workflow calls `authorize`, makes its change, and calls `record_event`, in this order. Pages, the REST API,
commands and timers change the store through workflows alone. The event is a transaction of its own: if the
process is killed in between, the change has no event.
"""

from datetime import UTC, datetime

from lib.domain.audit import AuditEvent
from lib.domain.people import Actor
from lib.domain.permissions import Action, required_role
from lib.errors import RoleMissing
from lib.store import Store


def authorize(store: Store, actor: Actor, action: Action, session_id: str = "") -> None:
    """Return if the actor has the role that the action requires; else record the denial and raise RoleMissing."""
    needed = required_role(action)
    if actor.role >= needed:
        return
    reason = f"needs the role {needed.name.lower()}"
    record_denial(store, actor, action, session_id, reason)
    raise RoleMissing(f"You have no permission: this {reason}.")


def record_denial(store: Store, actor: Actor, action: Action, session_id: str = "", details: str = "") -> None:
    """Record that the action was denied; repeats are merged."""
    store.audit.record_denial(AuditEvent(datetime.now(UTC), actor.name, action, session_id, details))


def record_event(store: Store, actor: Actor, action: Action, session_id: str = "", details: str = "") -> None:
    """Record a change that the actor has made."""
    store.audit.record(AuditEvent(datetime.now(UTC), actor.name, action, session_id, details))
