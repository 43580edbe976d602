"""Small pictures confirm near-duplicates, capture times may give them, and the versions of a session have numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_OLDER = """SELECT count(*) FROM session_versions AS older
WHERE older.session_id = session_versions.session_id AND older.version_id < session_versions.version_id"""


def upgrade() -> None:
    """Add the columns.

    Appearances are computed when a comparison needs them. Capture times are not known, as stored files do not state
    them. First requests were not recorded: versions that the store has known for longer come first.
    """
    op.drop_column("images", "appearance")
    op.add_column("images", sa.Column("appearance", sa.LargeBinary))
    op.add_column("images", sa.Column("captured_at", sa.DateTime(timezone=True)))
    op.add_column("session_versions", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    op.execute(f"UPDATE session_versions SET number = ({_OLDER})")  # noqa: S608 - constant
