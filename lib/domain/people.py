"""People and programs: who they are, what they may do, and who is let in."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import humanize

from lib.errors import NotAdmitted, NotInvited, SignInEnded


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


_CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Access:
    """Addresses (ada@example.com) and whole domains (@example.com) of each role, in lower case; and how long a sign-in
    holds.
    """

    people: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    lasts: timedelta = timedelta(hours=10)

    def find_role(self, address: str) -> Role | None:
        """The highest role of somebody; None for those who may not come in."""
        name = address.lower()
        names = {name, f"@{name.rpartition('@')[2]}"}
        return max((role for role, people in self.people.items() if names & people), default=None)

    def has_anybody(self) -> bool:
        """Whether anybody at all may come in."""
        return any(self.people.values())


def read_people(words: Iterable[str]) -> frozenset[str]:
    """Addresses and domains as people write them: example.com is @example.com."""
    return frozenset(word.lower() if "@" in word else f"@{word.lower()}" for word in words)


def admit(claims: Mapping[str, object], access: Access, now: datetime) -> Person:
    """Who this is, by what the provider says of them in the ID token (OpenID Connect Core 1.0, sections 2 and 5.1).

    Raises SignInEnded for a sign-in that is too old, and NotAdmitted for somebody whose address is not verified or
    not among those who may come in.
    """
    address = str(claims.get("email") or "").strip().lower()
    if "@" not in address:
        raise NotAdmitted("Your sign-in came without an e-mail address, and people are known by theirs here.")
    # Some providers say it as a word.
    if claims.get("email_verified") not in {True, "true"}:
        raise NotAdmitted(
            f"Your sign-in provider does not say that {address} is verified to be yours. Verify it there."
        )
    role = access.find_role(address)
    if role is None:
        raise NotInvited(f"{address} may not come in here. Ask whoever runs this server.")
    began = _find_begin(claims)
    if not now - access.lasts < began <= now + _CLOCKS_DIFFER:
        raise SignInEnded(f"A sign-in holds for {humanize.precisedelta(access.lasts)}, and yours is over.")
    return Person(address, role, _name_sign_in(claims), began)


def _find_begin(claims: Mapping[str, object]) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(claims["iat"])), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _name_sign_in(claims: Mapping[str, object]) -> str:
    """What tells this sign-in from others: by whom, for whom, when, and the number that was made for it alone."""
    parts = [str(claims.get(name) or "") for name in ("iss", "sub", "iat", "nonce")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is kept of a token; the token itself is not. All times are in UTC; `used_at` is right to a minute."""

    number: int
    note: str
    made_by: str
    made_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
