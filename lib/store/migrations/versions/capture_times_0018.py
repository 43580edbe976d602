"""Near-duplicates can be found by the time at which images were captured."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the column. The stored files say nothing about it any more."""
    op.add_column("images", sa.Column("captured_at", sa.DateTime(timezone=True)))
