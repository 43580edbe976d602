"""Versions are numbered in the order in which a session first requested them."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_OLDER = """SELECT count(*) FROM session_versions AS older
WHERE older.session_id = session_versions.session_id AND older.version_id < session_versions.version_id"""


def upgrade() -> None:
    """Add the column. The first requests were not recorded: versions that the store knows longer come first."""
    op.add_column("session_versions", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    op.execute(f"UPDATE session_versions SET number = ({_OLDER})")  # noqa: S608 - constant
