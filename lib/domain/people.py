"""People and programs: identity, roles and admission."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import humanize

from lib.errors import NotAdmitted, NotInvited, SignInEnded


class Role(IntEnum):
    """Permissions of a person. Each role includes the permissions of lower roles."""

    VIEWER = 1
    """View everything, compare and export."""

    REVIEWER = 2
    """Also predict, probe, review, set true labels and share."""

    ADMIN = 3
    """Also delete sessions, deploy and upload models, and read the audit log."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with access. `address` is their unique e-mail address (empty: no sign-in on this server). `sign_in`
    identifies this sign-in; it began at `signed_in_at`, in UTC.
    """

    address: str
    role: Role
    sign_in: str = ""
    signed_in_at: datetime | None = None

    def may(self, role: Role) -> bool:
        """Return whether the person has the permissions of the role."""
        return self.role >= role

    def as_actor(self, typed_name: str = "") -> "Actor":
        """Return the person as an actor; `typed_name` is the name of people without a sign-in."""
        return Actor(self.address or typed_name, self.role)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: a person, a program with a token, a link, or a timer.

    `name` goes into the audit log: the verified address of a sign-in, or a typed name, which may be empty.
    """

    name: str
    role: Role


ANYBODY = Person("", Role.ADMIN)
"""Any visitor of a server without sign-in."""


_CLOCK_SKEW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Access:
    """Addresses (ada@example.com) and domains (@example.com) by role, in lower case, and the lifetime of sign-ins."""

    people: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    lasts: timedelta = timedelta(hours=10)

    def find_role(self, address: str) -> Role | None:
        """Return the highest role of this address; None without access."""
        name = address.lower()
        names = {name, f"@{name.rpartition('@')[2]}"}
        return max((role for role, people in self.people.items() if names & people), default=None)

    def has_anybody(self) -> bool:
        """Return whether anybody has access."""
        return any(self.people.values())


def read_people(words: Iterable[str]) -> frozenset[str]:
    """Return addresses and domains in lower case; example.com means @example.com."""
    return frozenset(word.lower() if "@" in word else f"@{word.lower()}" for word in words)


def admit(claims: Mapping[str, object], access: Access, now: datetime) -> Person:
    """Return the person of an ID token's claims (OpenID Connect Core 1.0, sections 2 and 5.1).

    Raises SignInEnded for a sign-in that is too old, and NotAdmitted for an address that is not verified or has no
    role.
    """
    address = str(claims.get("email") or "").strip().lower()
    if "@" not in address:
        raise NotAdmitted("Your sign-in has no email address. Sign in with an account that has one.")
    # Some providers send text instead of a boolean.
    if claims.get("email_verified") not in {True, "true"}:
        raise NotAdmitted(
            f"Your sign-in provider has not verified the address {address}. Verify it there, then sign in again."
        )
    role = access.find_role(address)
    if role is None:
        raise NotInvited(f"{address} has no access. Ask an administrator of this server.")
    began = _find_begin(claims)
    if not now - access.lasts < began <= now + _CLOCK_SKEW:
        raise SignInEnded(f"Your sign-in has expired after {humanize.precisedelta(access.lasts)}. Sign in again.")
    return Person(address, role, _name_sign_in(claims), began)


def _find_begin(claims: Mapping[str, object]) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(claims["iat"])), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _name_sign_in(claims: Mapping[str, object]) -> str:
    """Return a hash that identifies this sign-in: issuer, subject, time and nonce."""
    parts = [str(claims.get(name) or "") for name in ("iss", "sub", "iat", "nonce")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A stored token, without its secret. All times are in UTC; `used_at` is accurate to a minute."""

    number: int
    note: str
    made_by: str
    made_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
