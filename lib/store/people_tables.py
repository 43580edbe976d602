"""The tables of who may look, who asks, and who did what. Changes to them need a migration, as in tables.py."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from lib.store.columns import SanitizedText, UtcDateTime
from lib.store.tables import METADATA

# Links that open one session. `token_hash` is the SHA-256 of the token, which itself is kept nowhere.
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

# The audit log. Texts are stored as they were hashed, the time too. `session_id` refers to no table: an entry outlives
# the session that it is about.
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

# Refusals that are in the audit log, and how often each was repeated since.
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

# Sign-ins that are in the audit log: each is recorded once, by whatever process sees it first.
recorded_sign_ins = Table(
    "recorded_sign_ins",
    METADATA,
    Column("sign_in", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# What programs show to be let in. `token_hash` as in `shares`.
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

# Sign-ins that their people ended, though the cookies of their browsers would still hold.
ended_sign_ins = Table(
    "ended_sign_ins",
    METADATA,
    Column("sign_in", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
