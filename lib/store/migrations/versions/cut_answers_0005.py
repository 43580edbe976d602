"""Whether a service left the lower scores of an answer out."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_IS_CUT = sa.text("cut")


def upgrade() -> None:
    """Until now every answer came whole."""
    op.add_column("records", sa.Column("cut", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("records_cut", "records", ["version_id"], sqlite_where=_IS_CUT, postgresql_where=_IS_CUT)
