"""Near-duplicates are confirmed by small pictures, which can be aligned."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the column new. Appearances are computed when a comparison needs them."""
    op.drop_column("images", "appearance")
    op.add_column("images", sa.Column("appearance", sa.LargeBinary))
