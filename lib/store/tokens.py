"""Random texts that let somebody in. Only their hashes are kept: who reads the database can open nothing."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

_BYTES = 24


def make_token() -> str:
    """192 random bits, in letters and digits: a link is to survive mails and chats, which cut off a "-" at the end."""
    return secrets.token_hex(_BYTES)


def hash_token(token: str) -> str:
    """What is kept of it. Of a random text a plain hash says nothing: only what people choose needs a slow one."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def pick_row(rows: Iterable[Sequence[Any]], token: str) -> Sequence[Any] | None:
    """The rest of the row that begins with the token's hash.

    The database has compared letter by letter, but what it compared were hashes, which nobody can choose.
    """
    wanted = hash_token(token)
    return next((row[1:] for row in rows if hmac.compare_digest(row[0], wanted)), None)
