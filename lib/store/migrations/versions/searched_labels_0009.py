"""Labels of the matrix's rows in lower case and with the truth below, so that a search need not change them."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Write them anew."""
    # A line break as it is: SQLite's char(10) means something else in PostgreSQL.
    op.execute("UPDATE matrix_rows SET labels = lower(coalesce(labels, '') || '\n' || coalesce(truth, ''))")
