"""Tables for reviews: what people say of images."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and keep the labels set so far as words of those who set them."""
    _make_verdicts()
    _make_reviews()
    op.execute(_TRUTHS_AS_VERDICTS)


def _make_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), nullable=False),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("images.sha256"), nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("judgement", sa.String(16), nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("shown", sa.JSON, nullable=False),
        sa.Column("settles", sa.Boolean, nullable=False),
    )
    op.create_index("verdicts_of_image", "verdicts", ["session_id", "sha256", "id"])


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("rule", sa.String(16), nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_off_by", sa.Text, nullable=False),
        sa.Column("signed_off_at", _MOMENT),
    )


_TRUTHS_AS_VERDICTS = sa.text(
    "INSERT INTO verdicts (session_id, sha256, reviewer, judgement, label, made_at, note, shown, settles)"
    " SELECT session_id, sha256, coalesce(truth_by, ''), 'CORRECT', truth, truth_at, '', '[]', TRUE"
    " FROM session_images WHERE truth IS NOT NULL ORDER BY place"
)
