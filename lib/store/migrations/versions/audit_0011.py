"""The log of who did what becomes a chain of hashes; tables for repeated refusals and for recorded sign-ins."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_MOMENT = sa.DateTime(timezone=True)
_NAMES = {
    "JUDGE": "ANNOTATE",
    "LABEL": "SET_TRUE_LABEL",
    "REVIEW": "CHANGE_REVIEW",
    "SHARE": "CREATE_LINK",
    "REVOKE": "REVOKE_LINK",
    "TOKEN": "CREATE_TOKEN",
    "DELETE": "DELETE_SESSION",
    "UPLOAD": "UPLOAD_MODEL",
    "REMOVE": "UNDEPLOY",
}
_DEEDS = sa.table(
    "deeds",
    sa.column("number", sa.Integer),
    sa.column("at", _MOMENT),
    *(sa.column(name, sa.Text) for name in ("who", "action", "session_id", "about")),
)


def upgrade() -> None:
    """Make the tables, and chain the entries that there are, in their order and without gaps in their numbers."""
    op.create_table(
        "audit_events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "audit_refusals",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("action", sa.String(40), primary_key=True),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
    )
    op.create_table(
        "recorded_sign_ins",
        sa.Column("sign_in", sa.String(64), primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
    )
    _chain()
    op.drop_table("deeds")


def _chain() -> None:
    connection = op.get_bind()
    added = sa.text(
        "INSERT INTO audit_events VALUES (:number, :at, :actor, :action, :session_id, :details, :previous_hash, :hash)"
    )
    previous_hash = "0" * 64
    rows = connection.execute(sa.select(_DEEDS).order_by(_DEEDS.c.number)).all()
    for number, (_, *said) in enumerate(rows, start=1):
        entry = _entry(number, (said[0], said[1], said[2], said[3], said[4]), previous_hash)
        connection.execute(added, entry)
        previous_hash = str(entry["hash"])


def _entry(number: int, row: tuple[datetime, str, str, str, str], previous_hash: str) -> dict[str, object]:
    # As in lib/domain/audit.py, which may change after this has run.
    at, who, action, session_id, about = row
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    said = {
        "number": number,
        "at": at.isoformat(timespec="microseconds"),
        "actor": who,
        "action": _NAMES.get(action, action),
        "session_id": session_id,
        "details": about,
        "previous_hash": previous_hash,
    }
    content = json.dumps(said, separators=(",", ":"), sort_keys=True).encode("ascii")
    return {**said, "hash": hashlib.sha256(content).hexdigest()}
