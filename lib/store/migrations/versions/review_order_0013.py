"""Reviews get a random order, true labels may be several, and a review keeps what was chosen before labeling."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_SESSION_COLUMNS = (
    sa.Column("review_seed", sa.String(32), nullable=False, server_default=""),
    sa.Column("latest_batch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("batch_is_closed", sa.Boolean, nullable=False, server_default=sa.false()),
)
_IMAGE_COLUMNS = (
    sa.Column("batch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("is_final", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("final_in_batch", sa.Integer),
)
_REVIEW_COLUMNS = (
    sa.Column("mode", sa.String(16), nullable=False, server_default="CHOOSE"),
    sa.Column("threshold", sa.Float, nullable=False, server_default="0"),
    sa.Column("margin", sa.Float, nullable=False, server_default="0"),
    sa.Column("mode_set_by", sa.Text, nullable=False, server_default=""),
    sa.Column("signed_verdicts", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("same_labels", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("dealing", sa.JSON, nullable=False, server_default="{}"),
)
# The latest word of each reviewer on each image: no later one of the same reviewer.
_ONLY_UNSURE = """
    SELECT session_id, sha256 FROM annotations AS one
    WHERE NOT resolves AND status <> 'WITHDRAWN' AND NOT EXISTS (
        SELECT 1 FROM annotations AS later WHERE later.session_id = one.session_id AND later.sha256 = one.sha256
        AND later.reviewer = one.reviewer AND NOT later.resolves AND later.id > one.id
    )
    GROUP BY session_id, sha256 HAVING MAX(CASE WHEN status = 'UNSURE' THEN 0 ELSE 1 END) = 0
"""


def upgrade() -> None:
    """Add the columns. All images that there are make one batch, and what was labeled so far counts in it."""
    for table, columns in (
        ("sessions", _SESSION_COLUMNS),
        ("session_images", _IMAGE_COLUMNS),
        ("review_settings", _REVIEW_COLUMNS),
    ):
        for column in columns:
            op.add_column(table, column)
    op.add_column("session_versions", sa.Column("is_declared", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute("UPDATE review_settings SET mode = 'BLIND' WHERE blind")
    op.drop_column("review_settings", "blind")
    op.drop_column("review_settings", "seed")
    op.drop_table("interim_analyses")
    op.execute("UPDATE annotations SET status = 'WITHDRAWN' WHERE resolves AND label IS NULL")
    op.execute("UPDATE annotations SET status = 'LABELED' WHERE status IN ('CORRECT', 'WRONG') AND label IS NOT NULL")
    _find_final_words()
    _draw_seeds()


def _find_final_words() -> None:
    op.execute("UPDATE session_images SET is_final = true WHERE true_label IS NOT NULL")
    op.execute(
        f"UPDATE session_images SET is_final = true WHERE (session_id, sha256) IN ({_ONLY_UNSURE})"  # noqa: S608
        " AND session_id NOT IN (SELECT session_id FROM review_settings WHERE rule = 'RESOLVED')"
    )
    op.execute("UPDATE session_images SET final_in_batch = 0 WHERE is_final")
    op.execute(
        "UPDATE sessions SET batch_is_closed = true WHERE id IN (SELECT session_id FROM session_images WHERE is_final)"
    )


def _draw_seeds() -> None:
    connection = op.get_bind()
    for (number,) in connection.execute(sa.text("SELECT number FROM sessions")).all():
        connection.execute(
            sa.text("UPDATE sessions SET review_seed = :seed WHERE number = :number"),
            {"seed": secrets.token_hex(16), "number": number},
        )
