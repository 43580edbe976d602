"""Random tokens of links and programs. Only their hashes are stored: the database alone opens nothing."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

_BYTES = 24


def make_token() -> str:
    """Return 192 random bits as hexadecimal digits: mail and chat programs drop a trailing "-" from links."""
    return secrets.token_hex(_BYTES)


def hash_token(token: str) -> str:
    """Return the SHA-256 of the token. Random tokens do not need the slow hash that passwords need."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def pick_row(rows: Iterable[Sequence[Any]], token: str) -> Sequence[Any] | None:
    """Return the rest of the row that begins with the token's hash; None if there is none.

    The database does not compare in constant time, but it compares hashes, which an attacker cannot choose.
    """
    wanted = hash_token(token)
    return next((row[1:] for row in rows if hmac.compare_digest(row[0], wanted)), None)
