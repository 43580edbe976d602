"""A session as a matrix, filtered, sorted and cut into pages by the database."""

from collections.abc import Sequence

from sqlalchemy import and_, func, select

from lib.domain.image import Image
from lib.domain.matrix import MatrixPage, MatrixRow, RowSearch, Sign
from lib.domain.pair import Answer
from lib.domain.prediction import Failure
from lib.store.connected import AnyRow, AnySelect
from lib.store.matrix_signs import MatrixSigns
from lib.store.records import Records
from lib.store.tables import images, matrix_cells, records, session_images


class Matrix(Records):
    """Rows of images, columns of versions."""

    def find_rows(self, session_id: str, search: RowSearch, offset: int = 0, limit: int = 50) -> MatrixPage:
        """One page of the rows that the search asks for, and how many there are on all pages (0 beyond the last)."""
        ids = [self._version_id(version) for version in search.versions]
        cut = self._find(select_places(session_id, search, ids).offset(offset).limit(limit))
        counted = sum(row.total for row in cut[:1]) if search.narrows else self.count_images(session_id)
        return MatrixPage(tuple(self._matrix_rows([row.place for row in cut], ids)), counted)

    def _matrix_rows(self, places: Sequence[int], ids: Sequence[int]) -> list[MatrixRow]:
        rows = {row.place: row for row in self._find(_ROWS.where(session_images.c.place.in_(places)))}
        sha256s = [row.sha256 for row in rows.values()]
        short = self._find(_SHORT.where(records.c.sha256.in_(sha256s), records.c.version_id.in_(ids)))
        answers = {(row.sha256, row.version_id): _answer(row) for row in short}
        return [_matrix_row(rows[place], [answers.get((rows[place].sha256, id_)) for id_ in ids]) for place in places]


_ROWS = select(
    images.c.sha256,
    session_images.c.name,
    images.c.media_type,
    images.c.width_px,
    images.c.height_px,
    images.c.size_bytes,
    session_images.c.steps,
    session_images.c.truth,
    session_images.c.place,
).join(images, images.c.sha256 == session_images.c.sha256)

_SHORT = select(
    records.c.sha256,
    records.c.version_id,
    records.c.top_label,
    records.c.top_score,
    records.c.latency_s,
    records.c.failure,
)


def select_places(session_id: str, search: RowSearch, version_ids: Sequence[int]) -> AnySelect:
    """The places of the rows in their order, each with the number of all rows of the search, where it narrows."""
    signs = MatrixSigns(search, version_ids)
    # Plus zero: else SQLite would look each version up by itself, and not read a row's cells in one go.
    mine = (matrix_cells.c.version_id + 0).in_(version_ids)
    a_row = (matrix_cells.c.session_id == session_images.c.session_id, matrix_cells.c.place == session_images.c.place)
    columns = [session_images.c.place]
    total = [func.count().over().label("total")] if search.narrows else []
    return (
        select(*columns, *total)
        .outerjoin(matrix_cells, and_(*a_row, mine))
        .where(session_images.c.session_id == session_id)
        .where(*([session_images.c.truth.is_(None)] if Sign.UNREVIEWED in search.signs else []))
        .group_by(session_images.c.place)
        .having(*signs.conditions())
        .order_by(*signs.order())
    )


def _answer(row: AnyRow) -> Answer | Failure:
    return Failure(row.failure) if row.top_score is None else Answer(row.top_label, row.top_score, row.latency_s)


def _matrix_row(row: AnyRow, answers: Sequence[Answer | Failure | None]) -> MatrixRow:
    image = Image(
        row.sha256, row.name, row.media_type, row.width_px, row.height_px, row.size_bytes, steps=tuple(row.steps)
    )
    return MatrixRow(image, row.truth, tuple(answers))
