"""Tables of share links, API tokens, sign-ins and the audit log. Changes need a migration, as in tables.py."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from lib.store.columns import SanitizedText, UtcDateTime
from lib.store.tables import METADATA

# Links that open one session. `token_hash` is the SHA-256 of the token, which itself is not stored.
shares = Table(
    "shares",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("note", SanitizedText, nullable=False),
    Column("made_by", SanitizedText, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("opened", Integer, nullable=False, server_default="0"),
    Column("opened_at", UtcDateTime),
    Index("shares_of_session", "session_id", "number"),
)

# The audit log. Texts and times are stored as they were hashed. `session_id` is no foreign key: an entry outlives its
# session.
audit_events = Table(
    "audit_events",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", SanitizedText, nullable=False),
    Column("action", String(40), nullable=False),
    Column("session_id", SanitizedText, nullable=False),
    Column("details", SanitizedText, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# Denials that are in the audit log, and how often each was repeated since.
audit_refusals = Table(
    "audit_refusals",
    METADATA,
    Column("actor", SanitizedText, primary_key=True),
    Column("action", String(40), primary_key=True),
    Column("session_id", SanitizedText, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("repeats", Integer, nullable=False),
)

# Sign-ins that are in the audit log: each is recorded once, by the process that sees it first.
recorded_sign_ins = Table(
    "recorded_sign_ins",
    METADATA,
    Column("sign_in", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# Tokens of programs. `token_hash` is as in `shares`.
api_tokens = Table(
    "api_tokens",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("note", SanitizedText, nullable=False),
    Column("made_by", SanitizedText, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("used_at", UtcDateTime),
)

# Sign-ins that were ended, although browsers may still have their cookies.
ended_sign_ins = Table(
    "ended_sign_ins",
    METADATA,
    Column("sign_in", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
