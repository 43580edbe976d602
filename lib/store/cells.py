"""The cells of the matrix: what a session's rows are filtered and sorted by."""

from sqlalchemy import ColumnElement, Connection, Insert, Integer, bindparam, case, delete, func, insert, select

from lib.store.tables import Words, matrix_cells, records, session_images

NO_LABEL = ""
"""The top label of a cell whose version named no label; NULL is that of a failure."""


def add_cells_of_image(connection: Connection, session_id: str, sha256: str) -> None:
    """Cells for an image that is new to the session: the answers that other sessions got for it."""
    connection.execute(_OF_IMAGE, {"its_session": session_id, "its": sha256})


def add_cells_of_record(connection: Connection, sha256: str, version_id: int) -> None:
    """A cell for a new record in every session that has the image; that of a failure before it is replaced."""
    connection.execute(_FORGET, {"its": sha256, "its_version": version_id})
    connection.execute(_OF_RECORD, {"its": sha256, "its_version": version_id})


_ANSWERS = (
    select(
        session_images.c.session_id,
        session_images.c.place,
        records.c.version_id,
        case((records.c.top_score.is_not(None), func.coalesce(records.c.top_label, NO_LABEL))),
        records.c.top_score,
        records.c.margin,
        records.c.latency_s,
    )
    .join(records, records.c.sha256 == session_images.c.sha256)
    .where(session_images.c.sha256 == bindparam("its"))
)
_VERSION: ColumnElement[int] = bindparam("its_version", type_=Integer)
_PLACES = select(session_images.c.place).where(session_images.c.sha256 == bindparam("its"))
_SESSIONS = select(session_images.c.session_id).where(session_images.c.sha256 == bindparam("its"))


def _insert(answers: object) -> Insert:
    return insert(matrix_cells).from_select([column.name for column in matrix_cells.c], answers)  # type: ignore[arg-type]


_OF_IMAGE = _insert(_ANSWERS.where(session_images.c.session_id == bindparam("its_session", type_=Words)))
_OF_RECORD = _insert(_ANSWERS.where(records.c.version_id == _VERSION))
_FORGET = delete(matrix_cells).where(
    matrix_cells.c.session_id.in_(_SESSIONS), matrix_cells.c.place.in_(_PLACES), matrix_cells.c.version_id == _VERSION
)
