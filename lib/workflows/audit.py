"""The two ends of every change: whether its actor may make it, and the entry in the audit log.

A workflow calls `authorize`, changes what it is about, and calls `record_event`, in this order. Pages, the REST API,
commands and timers change the store through workflows alone. The entry is a transaction of its own: where the process
is killed between both, a change stays without its entry.
"""

from datetime import UTC, datetime

from lib.domain.audit import Action, AuditEvent, required_role
from lib.domain.people import Actor, Role
from lib.errors import RoleMissing
from lib.store import Store

RETENTION = Actor("retention", Role.ADMIN)
"""The timer that deletes what has expired."""


def authorize(store: Store, actor: Actor, action: Action, session_id: str = "") -> None:
    """Go on only where the actor has the role that the action needs; else record the refusal.

    Raises RoleMissing.
    """
    needed = required_role(action)
    if actor.role >= needed:
        return
    words = f"needs the role {needed.name.lower()}"
    record_denial(store, actor, action, session_id, words)
    raise RoleMissing(f"This was not done: it {words}.")


def record_denial(store: Store, actor: Actor, action: Action, session_id: str = "", details: str = "") -> None:
    """Record that the actor was refused the action; repeats are merged."""
    store.audit.record_denial(AuditEvent(datetime.now(UTC), actor.name, action, session_id, details))


def record_event(store: Store, actor: Actor, action: Action, session_id: str = "", details: str = "") -> None:
    """Record what the actor has just done."""
    store.audit.record(AuditEvent(datetime.now(UTC), actor.name, action, session_id, details))
