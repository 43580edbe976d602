"""Columns and tables to work with sessions and to compare versions."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from lib.store.migrations.early_matrix import insert_missing_rows
from lib.store.packing import PackedScores, sum_up

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)
_AT_A_TIME = 1000


def upgrade() -> None:
    """Add what History and Compare ask for, and sum up the scores that are there."""
    _change_sessions()
    _change_images()
    _change_records()
    _sum_up_scores()
    _make_tables()
    _make_rows()
    op.execute(_FILL_CELLS)
    op.execute(insert_missing_rows())


def _change_sessions() -> None:
    op.add_column("sessions", sa.Column("created_by", sa.Text, nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("archived_at", _MOMENT))
    op.add_column("sessions", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.add_column("sessions", sa.Column("summed_up_at_revision", sa.Integer, nullable=False, server_default="-1"))
    for count in ("image_count", "version_count", "compared", "agreeing", "reviewed"):
        op.add_column("sessions", sa.Column(count, sa.Integer, nullable=False, server_default="0"))


def _change_images() -> None:
    op.add_column("images", sa.Column("look", sa.String(16)))
    op.add_column("session_images", sa.Column("truth", sa.Text))
    op.add_column("session_images", sa.Column("truth_by", sa.Text))
    op.add_column("session_images", sa.Column("truth_at", _MOMENT))
    op.create_index("session_images_by_image", "session_images", ["sha256"])


def _change_records() -> None:
    op.add_column("records", sa.Column("top_label", sa.Text))
    for number in ("top_score", "margin", "total", "squares"):
        op.add_column("records", sa.Column(number, sa.Float))


def _sum_up_scores() -> None:
    connection = op.get_bind()
    labels = {row.id: tuple(json.loads(row.labels)) for row in connection.execute(_LABEL_SETS)}
    for some in _predictions(connection):
        found = [(row, sum_up(PackedScores(labels[row.label_set_id], row.scores))) for row in some]
        connection.execute(
            _UPDATE,
            [
                {
                    "sha256": row.sha256,
                    "version_id": row.version_id,
                    "label": short.label,
                    "score": short.score,
                    "margin": short.margin,
                    "total": short.total,
                    "squares": short.squares,
                }
                for row, short in found
            ],
        )


def _predictions(connection: sa.Connection) -> Iterator[Any]:
    after = ("", 0)
    while some := connection.execute(_PREDICTIONS, {"sha256": after[0], "id": after[1], "some": _AT_A_TIME}).all():
        yield some
        after = (some[-1].sha256, some[-1].version_id)


_LABEL_SETS = sa.text("SELECT id, CAST(labels AS TEXT) AS labels FROM label_sets")
_PREDICTIONS = sa.text(
    "SELECT sha256, version_id, label_set_id, scores FROM records"
    " WHERE scores IS NOT NULL AND (sha256, version_id) > (:sha256, :id)"
    " ORDER BY sha256, version_id LIMIT :some"
)
_UPDATE = sa.text(
    "UPDATE records SET top_label = :label, top_score = :score, margin = :margin, total = :total, squares = :squares"
    " WHERE sha256 = :sha256 AND version_id = :version_id"
)
_FILL_CELLS = sa.text(
    "INSERT INTO matrix_cells (session_id, place, version_id, top_label, top_score, margin, latency_s)"
    " SELECT i.session_id, i.place, r.version_id,"
    " CASE WHEN r.scores IS NOT NULL THEN coalesce(r.top_label, '') END, r.top_score, r.margin, r.latency_s"
    " FROM session_images AS i JOIN records AS r ON r.sha256 = i.sha256"
)


def _make_tables() -> None:
    op.create_table(
        "session_versions",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("predictions", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_table(
        "matrix_cells",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("place", sa.Integer, sa.ForeignKey("session_images.place"), primary_key=True),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("top_label", sa.Text),
        sa.Column("top_score", sa.Float),
        sa.Column("margin", sa.Float),
        sa.Column("latency_s", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verdict_readings",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("baseline_id", sa.Integer, sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("candidate_id", sa.Integer, sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("labelled", sa.Integer, primary_key=True),
        sa.Column("p", sa.Float, nullable=False),
        sa.Column("read_at", _MOMENT, nullable=False),
    )


def _make_rows() -> None:
    op.create_table(
        "matrix_rows",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("place", sa.Integer, sa.ForeignKey("session_images.place"), primary_key=True),
        sa.Column("truth", sa.Text),
        sa.Column("labels", sa.Text),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("differs", sa.Boolean, nullable=False),
        sa.Column("is_wrong", sa.Boolean, nullable=False),
        sa.Column("lowest_score", sa.Float),
        sa.Column("lowest_margin", sa.Float),
        sa.Column("change", sa.Float),
        sa.Column("slowest_s", sa.Float),
        sqlite_with_rowid=False,
    )
