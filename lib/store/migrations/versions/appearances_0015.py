"""Near-duplicates are confirmed by gray levels, and images of a session can be marked as different."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns. Appearances are computed when a comparison needs them."""
    op.add_column("images", sa.Column("appearance", sa.String(144)))
    op.drop_column("images", "perceptual_hash")
    op.add_column("session_images", sa.Column("is_distinct", sa.Boolean, nullable=False, server_default=sa.false()))
