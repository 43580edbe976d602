"""A table for answers about altered images; and quick ways from a row of a session to its cells."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table, and the indexes without which deleting a row of a session reads all cells."""
    op.create_table(
        "trials",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("images.sha256"), primary_key=True),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("alteration", sa.Text, primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latency_s", sa.Float, nullable=False),
        sa.Column("label_set_id", sa.Integer, sa.ForeignKey("label_sets.id")),
        sa.Column("scores", sa.LargeBinary),
        sa.Column("failure", sa.Text),
    )
    op.create_index("matrix_cells_by_place", "matrix_cells", ["place"])
    op.create_index("matrix_rows_by_place", "matrix_rows", ["place"])
