"""Labels of the matrix's rows in lower case and with the truth below, so that a search need not change them."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Write them anew."""
    op.execute("UPDATE matrix_rows SET labels = lower(coalesce(labels, '') || char(10) || coalesce(truth, ''))")
