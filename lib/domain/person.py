"""Who looks, and what they may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Role(IntEnum):
    """What somebody may do; each role may all that those before it may."""

    VIEWER = 1
    """Look at everything, compare, and take files along."""

    REVIEWER = 2
    """Predict, probe, review, label and share too."""

    ADMIN = 3
    """Delete sessions, deploy and upload versions, and read the log too."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may come in. `address` is their e-mail address, which no two people share (empty: nobody signs in
    here). `sign_in` tells this sign-in from all others; it began at `signed_in_at`, in UTC.
    """

    address: str
    role: Role
    sign_in: str = ""
    signed_in_at: datetime | None = None

    def may(self, role: Role) -> bool:
        """Whether they may what this role may."""
        return self.role >= role

    def as_actor(self, typed_name: str = "") -> "Actor":
        """Return this person as somebody who does something; `typed_name` names those who did not sign in."""
        return Actor(self.address or typed_name, self.role)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something: a person, a program with somebody's token, a link, or a timer.

    `name` is what the audit log keeps: a verified address where people sign in; empty where nobody gave a name.
    """

    name: str
    role: Role


ANYBODY = Person("", Role.ADMIN)
"""Whoever is in front of an app without a sign-in."""
