"""Tables that the matrix is filtered and sorted by: a cell for each record in short, and a row that sums up its cells.

Both are stored by session in the order of its images, so that a filter reads one session from start to end. A session
has cells only of the versions that were requested in it: only this module decides which predictions a session shows.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    type_coerce,
)

from lib.domain.annotations import TrueLabel
from lib.store.columns import LABEL_SEPARATOR, SanitizedText
from lib.store.database import AnySelect
from lib.store.tables import matrix_cells, matrix_rows, records, session_images, session_versions

NO_LABEL = ""
"""The top label of a cell whose version predicted no label. A failure has NULL."""

_CELL = matrix_cells.c
_IMAGE = session_images.c
_SHOWN = session_versions.c
_TRUE_LABEL_BELOW: ColumnElement[str] = "\n" + func.coalesce(type_coerce(_IMAGE.true_label, Text), "")


def add_cells_of_image(connection: Connection, session_id: str, sha256: str) -> None:
    """Add the row of an image that is new to the session, and cells of the stored predictions of its versions."""
    image = {"its_session": session_id, "its": sha256}
    connection.execute(_ADD_CELLS_OF_IMAGE, image)
    connection.execute(_ADD_ROW, image)


def add_cells_of_record(connection: Connection, sha256: str, version_id: int) -> None:
    """Add the cell of a new record to every session that shows its image and version, in place of a failure's."""
    record = {"its": sha256, "its_version": version_id}
    for statement in (_DELETE_CELLS, _ADD_CELLS_OF_RECORD, _DELETE_ROWS, _ADD_ROWS):
        connection.execute(statement, record)


def add_cells_of_version(connection: Connection, session_id: str, version_id: int) -> None:
    """Add the cells of a version that is new to the session, from predictions that are stored already."""
    version = {"its_session": session_id, "its_version": version_id}
    for statement in (ADD_CELLS_OF_VERSION, _DELETE_ROWS_OF_VERSION, _ADD_ROWS_OF_VERSION):
        connection.execute(statement, version)


def renew_rows(connection: Connection, session_id: str, sha256s: Sequence[str]) -> None:
    """Sum up the rows of these images again, after their true labels changed."""
    for sha256 in sha256s:
        image = {"its_session": session_id, "its": sha256}
        connection.execute(_DELETE_ROW, image)
        connection.execute(_ADD_ROW, image)


def outcome(cells: FromClause, threshold: float) -> ColumnElement[str]:
    """Return the top label of a cell: NO_LABEL if its score is below the threshold, NULL for a failure."""
    if threshold == 0:
        return cells.c.top_label
    return case((cells.c.top_score >= threshold, cells.c.top_label), (cells.c.top_score.is_not(None), NO_LABEL))


def is_right(label: ColumnElement[str], true_label: ColumnElement[TrueLabel]) -> ColumnElement[bool]:
    """Report whether an outcome is what the image shows; NULL for a failure, or without ground truth."""
    within = LABEL_SEPARATOR + type_coerce(true_label, Text) + LABEL_SEPARATOR
    # Compared with what is left without the label: LIKE would take some characters of labels for wildcards.
    return func.replace(within, LABEL_SEPARATOR + label + LABEL_SEPARATOR, "") != within


def sum_rows_up(
    columns: Collection[str],
    *,
    threshold: float = 0,
    version_ids: Sequence[int] | None = None,
    same_labels: Sequence[Sequence[str]] = (),
) -> AnySelect:
    """Select key, true label and these columns of matrix_rows, from the cells of these versions (None: of all).

    Labels of the same group of `same_labels` do not differ.
    """
    label = outcome(matrix_cells, threshold)
    firsts = {other: group[0] for group in same_labels for other in group[1:]}
    if firsts:
        label = case(firsts, value=label, else_=label)
    beside = [_CELL.session_id == _IMAGE.session_id, _CELL.position == _IMAGE.position]
    if version_ids is not None:
        # Plus zero: otherwise SQLite looks up every version by itself, instead of reading the cells of a row at once.
        beside.append((_CELL.version_id + 0).in_(version_ids))
    spread = func.max(_CELL.top_score) - func.min(_CELL.top_score)
    same_label = func.min(_CELL.top_label) == func.max(_CELL.top_label)
    sums: dict[str, ColumnElement[Any]] = {
        "labels": func.lower(func.coalesce(func.aggregate_strings(_CELL.top_label, "\n"), "") + _TRUE_LABEL_BELOW),
        "predictions": func.count(_CELL.top_score),
        "failures": func.count(_CELL.position) - func.count(_CELL.top_score),
        "differs": func.coalesce(func.min(label) != func.max(label), False),
        "is_wrong": func.max(case((~is_right(label, _IMAGE.true_label), 1), else_=0)) == 1,
        "lowest_score": func.min(_CELL.top_score),
        "lowest_margin": func.min(_CELL.margin),
        "change": case((same_label, spread), else_=func.max(_CELL.top_score)),
        "slowest_s": func.max(_CELL.latency_s),
    }
    wanted = [sums[name].label(name) for name in columns]
    key = (_IMAGE.session_id, _IMAGE.position, _IMAGE.true_label)
    return select(*key, *wanted).outerjoin(matrix_cells, and_(*beside)).group_by(_IMAGE.position)


def _insert_into(table: Table, rows: AnySelect) -> Insert:
    return insert(table).from_select([column.name for column in table.c], rows)


_SHA256 = bindparam("its", type_=SanitizedText)
_SESSION = bindparam("its_session", type_=SanitizedText)
_VERSION: ColumnElement[int] = bindparam("its_version", type_=Integer)

_CELLS = (
    select(
        _IMAGE.session_id,
        _IMAGE.position,
        records.c.version_id,
        case((records.c.top_score.is_not(None), func.coalesce(records.c.top_label, NO_LABEL))),
        records.c.top_score,
        records.c.margin,
        records.c.latency_s,
    )
    .join(records, records.c.sha256 == _IMAGE.sha256)
    .join(
        session_versions,
        and_(_SHOWN.session_id == _IMAGE.session_id, _SHOWN.version_id == records.c.version_id),
    )
)
_ITS_IMAGE = _IMAGE.sha256 == _SHA256
_ITS_SESSION = _IMAGE.session_id == _SESSION
_ITS_VERSION = records.c.version_id == _VERSION
_ADD_CELLS_OF_IMAGE = _insert_into(matrix_cells, _CELLS.where(_ITS_IMAGE, _ITS_SESSION))
_ADD_CELLS_OF_RECORD = _insert_into(matrix_cells, _CELLS.where(_ITS_IMAGE, _ITS_VERSION))
ADD_CELLS_OF_VERSION = _insert_into(matrix_cells, _CELLS.where(_ITS_SESSION, _ITS_VERSION))
"""Adds the cells of a version that is new to the session."""

_SESSIONS = (
    select(_IMAGE.session_id)
    .join(session_versions, _SHOWN.session_id == _IMAGE.session_id)
    .where(_ITS_IMAGE, _SHOWN.version_id == _VERSION)
    .correlate(None)
)
_POSITIONS = select(_IMAGE.position).where(_ITS_IMAGE)
_POSITIONS_OF_VERSION = (
    select(_CELL.position).where(_CELL.session_id == _SESSION, _CELL.version_id == _VERSION).correlate(None)
)

_SUMS = [column.name for column in matrix_rows.c if column.name not in {"session_id", "position", "true_label"}]
_ROWS = sum_rows_up(_SUMS)
_ADD_ROW = _insert_into(matrix_rows, _ROWS.where(_ITS_IMAGE, _ITS_SESSION))
_ADD_ROWS = _insert_into(matrix_rows, _ROWS.where(_ITS_IMAGE, _IMAGE.session_id.in_(_SESSIONS)))
_ADD_ROWS_OF_VERSION = _insert_into(matrix_rows, _ROWS.where(_ITS_SESSION, _IMAGE.position.in_(_POSITIONS_OF_VERSION)))

_DELETE_CELLS = delete(matrix_cells).where(
    _CELL.session_id.in_(_SESSIONS), _CELL.position.in_(_POSITIONS), _CELL.version_id == _VERSION
)
_DELETE_ROWS = delete(matrix_rows).where(
    matrix_rows.c.session_id.in_(_SESSIONS), matrix_rows.c.position.in_(_POSITIONS)
)
_DELETE_ROW = delete(matrix_rows).where(matrix_rows.c.session_id == _SESSION, matrix_rows.c.position.in_(_POSITIONS))
_DELETE_ROWS_OF_VERSION = delete(matrix_rows).where(
    matrix_rows.c.session_id == _SESSION, matrix_rows.c.position.in_(_POSITIONS_OF_VERSION)
)
