"""Images of a session can be in its must-not-regress set."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column. No image is in the set yet."""
    op.add_column(
        "session_images", sa.Column("must_not_regress", sa.Boolean, nullable=False, server_default=sa.false())
    )
