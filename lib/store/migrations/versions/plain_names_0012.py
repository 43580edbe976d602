"""Tables and columns get the names that the code and the pages use."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# In this order: the second takes the name that the first gives up.
_TABLES = (
    ("session_versions", "session_coverage"),
    ("session_asked", "session_versions"),
    ("refusals", "rejected_files"),
    ("verdicts", "annotations"),
    ("reviews", "review_settings"),
    ("trials", "probe_results"),
    ("verdict_readings", "interim_analyses"),
)
# By the new names of the tables.
_COLUMNS = (
    ("sessions", "summed_up_at_revision", "summarized_at_revision"),
    ("session_versions", "asked_at", "requested_at"),
    ("images", "look", "perceptual_hash"),
    ("session_images", "place", "position"),
    ("session_images", "truth", "true_label"),
    ("session_images", "truth_by", "true_label_by"),
    ("session_images", "truth_at", "true_label_at"),
    ("rejected_files", "refused_at", "rejected_at"),
    ("versions", "service", "provider"),
    ("records", "asked_at", "requested_at"),
    ("records", "cut", "truncated"),
    ("matrix_cells", "place", "position"),
    ("matrix_rows", "place", "position"),
    ("matrix_rows", "truth", "true_label"),
    ("matrix_rows", "answers", "predictions"),
    ("annotations", "judgement", "status"),
    ("annotations", "settles", "resolves"),
    ("probe_results", "alteration", "perturbation"),
    ("probe_results", "asked_at", "requested_at"),
    ("interim_analyses", "labelled", "labeled"),
    ("interim_analyses", "read_at", "analyzed_at"),
)
_OLD_INDEXES = (
    ("refusals", "refusals_by_session"),
    ("verdicts", "verdicts_of_image"),
    ("records", "records_cut"),
    ("matrix_cells", "matrix_cells_by_place"),
    ("matrix_rows", "matrix_rows_by_place"),
)
_NEW_INDEXES = (
    ("rejected_files", "rejected_files_by_session", ["session_id"]),
    ("annotations", "annotations_of_image", ["session_id", "sha256", "id"]),
    ("matrix_cells", "matrix_cells_by_position", ["position"]),
    ("matrix_rows", "matrix_rows_by_position", ["position"]),
)
_IS_TRUNCATED = sa.text("truncated")


def upgrade() -> None:
    """Rename. Rows stay where they are; foreign keys and the other indexes follow by themselves."""
    for table, index in _OLD_INDEXES:
        op.drop_index(index, table)
    for old, new in _TABLES:
        op.rename_table(old, new)
    for table, old, new in _COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for table, index, columns in _NEW_INDEXES:
        op.create_index(index, table, columns)
    op.create_index(
        "records_truncated",
        "records",
        ["version_id"],
        sqlite_where=_IS_TRUNCATED,
        postgresql_where=_IS_TRUNCATED,
    )
    op.execute("UPDATE review_settings SET rule = 'RESOLVED' WHERE rule = 'SETTLED'")
