"""A table of the versions that were asked in each session: until now, whatever anybody asked about the same image was
shown in every session that has it.

Which versions a session asked was not kept. These count as asked in it, and no others:

1. a version of which an answer was asked for in this session;
2. in a session with such versions, another of their families that answered every image of it, where the log names it
   among those that were asked here: all its answers were there already;
3. in a session without any, those that answered every image before it was added, where the log, if it has a line on
   predictions in this session, names them; but only if they are all of one family: else nothing tells which it was.

A version that is left out comes back when somebody predicts with it again: its answers are kept, and nobody is called.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from lib.store.migrations.early_matrix import insert_missing_rows

revision = "0010"
down_revision = "0009"

_Family = tuple[str, str, str]


def upgrade() -> None:
    """Make the table, find out what was asked as far as it can be told, and drop what matrices show beyond that."""
    op.create_table(
        "session_asked",
        sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("versions.id"), primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(_ADD_OWN)
    connection = op.get_bind()
    for row in list(_find_reused(connection)):
        connection.execute(_ADD_REUSED, {"session_id": row.session_id, "version_id": row.version_id})
    for statement in (_MOVE_ON, _FORGET_ROWS, _FORGET_CELLS):
        op.execute(statement)
    op.execute(insert_missing_rows())


def _find_reused(connection: sa.Connection) -> Iterator[Any]:
    """Versions whose answers were all there already, by session."""
    named = _find_named(connection)
    own: dict[str, set[_Family]] = defaultdict(set)
    for row in connection.execute(_OWN_VERSIONS):
        own[row.session_id].add(_family_of(row))
    for session_id, rows in groupby(connection.execute(_CANDIDATES).all(), key=lambda row: row.session_id):
        yield from _choose(list(rows), own[session_id], named.get(session_id))


def _find_named(connection: sa.Connection) -> dict[str, set[str]]:
    """The names of versions in the log's lines on predictions: "5 files, v1 and v2", "what was missing, v3"."""
    named: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(_LINES):
        named[row.session_id] |= set(re.split(", | and ", row.about.partition(", ")[2]))
    return named


def _choose(candidates: Sequence[Any], own: set[_Family], named: set[str] | None) -> list[Any]:
    if own:
        return [row for row in candidates if _family_of(row) in own and _is_named(row, named or set())]
    fitting = [row for row in candidates if row.was_there and (named is None or _is_named(row, named))]
    return fitting if len({_family_of(row) for row in fitting}) == 1 else []


def _is_named(row: Any, named: set[str]) -> bool:
    # Where two versions have the same name, the page puts the model's id behind it.
    return not named.isdisjoint({row.version, f"{row.version} {row.model_name.rpartition('/')[2]}"})


def _family_of(row: Any) -> _Family:
    return (row.service, row.model_name.rpartition("/")[0], row.family)


_ADD_OWN = sa.text(
    "INSERT INTO session_asked (session_id, version_id, asked_at)"
    " SELECT session_id, version_id, max(asked_at) FROM records GROUP BY session_id, version_id"
)
_OWN_VERSIONS = sa.text(
    "SELECT a.session_id, v.service, v.model_name, v.family FROM session_asked AS a JOIN versions AS v"
    " ON v.id = a.version_id"
)
_LINES = sa.text("SELECT session_id, about FROM deeds WHERE action = 'PREDICT'")
_NOT_ASKED = (
    "NOT EXISTS (SELECT 1 FROM session_asked AS a WHERE a.session_id = c.session_id AND a.version_id = c.version_id)"
)
_CANDIDATES = sa.text(
    "SELECT c.session_id, c.version_id, v.service, v.model_name, v.family, v.version,"  # noqa: S608 - no value comes from outside
    " max(CASE WHEN r.asked_at > i.added_at THEN 1 ELSE 0 END) = 0 AS was_there"
    " FROM matrix_cells AS c JOIN session_images AS i ON i.place = c.place"
    " JOIN records AS r ON r.sha256 = i.sha256 AND r.version_id = c.version_id"
    f" JOIN versions AS v ON v.id = c.version_id WHERE {_NOT_ASKED}"
    " GROUP BY c.session_id, c.version_id, v.service, v.model_name, v.family, v.version"
    " HAVING count(*) = (SELECT count(*) FROM session_images AS n WHERE n.session_id = c.session_id)"
    " ORDER BY c.session_id, c.version_id"
)
_ADD_REUSED = sa.text(
    "INSERT INTO session_asked (session_id, version_id, asked_at)"
    " SELECT session_id, :version_id, max(added_at) FROM session_images WHERE session_id = :session_id"
    " GROUP BY session_id"
)
_MOVE_ON = sa.text(
    "UPDATE sessions SET revision = revision + 1"  # noqa: S608
    f" WHERE id IN (SELECT c.session_id FROM matrix_cells AS c WHERE {_NOT_ASKED})"
)
_FORGET_ROWS = sa.text(
    f"DELETE FROM matrix_rows WHERE place IN (SELECT c.place FROM matrix_cells AS c WHERE {_NOT_ASKED})"  # noqa: S608
)
_FORGET_CELLS = sa.text(f"DELETE FROM matrix_cells AS c WHERE {_NOT_ASKED}")  # noqa: S608
