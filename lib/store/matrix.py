"""A session as a matrix, filtered, sorted and cut into pages by the database."""

from collections.abc import Collection, Sequence

from sqlalchemy import FromClause, func, select

from lib.domain.images import Image
from lib.domain.matrix import MatrixPage, MatrixRow, RowOrder, RowSearch
from lib.domain.pairs import Answer
from lib.domain.predictions import Failure
from lib.store.cells import sum_rows_up
from lib.store.connected import AnyRow, AnySelect
from lib.store.matrix_signs import MatrixFilters, find_needed_sums
from lib.store.queries import IMAGE_COLUMNS
from lib.store.records import Records
from lib.store.tables import images, matrix_rows, records, session_images


class Matrix(Records):
    """Rows of images, columns of versions."""

    def find_rows(self, session_id: str, search: RowSearch, offset: int = 0, limit: int = 50) -> MatrixPage:
        """One page of the rows that the search asks for, and how many there are on all pages (0 beyond the last)."""
        ids = [self._version_id(version) for version in search.versions]
        asked = [self._version_id(version) for version in self.find_coverage(session_id)]
        cut = self._find(select_places(session_id, search, ids, asked).offset(offset).limit(limit))
        counted = sum(row.total for row in cut[:1]) if search.narrows else self.count_images(session_id)
        return MatrixPage(tuple(self._matrix_rows([row.place for row in cut], ids, asked)), counted)

    def _matrix_rows(self, places: Sequence[int], ids: Sequence[int], asked: Collection[int]) -> list[MatrixRow]:
        rows = {row.place: row for row in self._find(_ROWS.where(session_images.c.place.in_(places)))}
        sha256s = [row.sha256 for row in rows.values()]
        shown = [id_ for id_ in ids if id_ in asked]
        short = self._find(_SHORT.where(records.c.sha256.in_(sha256s), records.c.version_id.in_(shown)))
        answers = {(row.sha256, row.version_id): _answer(row) for row in short}
        return [_matrix_row(rows[place], [answers.get((rows[place].sha256, id_)) for id_ in ids]) for place in places]


_ROWS = select(*IMAGE_COLUMNS, session_images.c.truth, session_images.c.place).join(
    images, images.c.sha256 == session_images.c.sha256
)

_SHORT = select(
    records.c.sha256,
    records.c.version_id,
    records.c.top_label,
    records.c.top_score,
    records.c.latency_s,
    records.c.failure,
)


def select_places(
    session_id: str, search: RowSearch, version_ids: Sequence[int], asked_ids: Collection[int]
) -> AnySelect:
    """The places of the rows in their order, each with the number of all rows of the search, where it narrows.

    `asked_ids` are all versions that were asked in the session. The kept rows sum up just these, with every
    label counting; for other columns or thresholds what the search needs is summed up here.
    """
    needed = find_needed_sums(search)
    if not needed or (search.threshold == 0 and set(version_ids) >= set(asked_ids)):
        rows: FromClause = matrix_rows
    else:
        sums = sum_rows_up(needed, threshold=search.threshold, version_ids=version_ids)
        rows = sums.where(session_images.c.session_id == session_id).subquery("rows")
    signs = MatrixFilters(rows, search, version_ids)
    total = [func.count().over().label("total")] if search.narrows else []
    statement = select(rows.c.place, *total).where(rows.c.session_id == session_id, *signs.conditions())
    if search.order is RowOrder.NAME:
        statement = statement.join(session_images, session_images.c.place == rows.c.place)
    return statement.order_by(*signs.order())


def _answer(row: AnyRow) -> Answer | Failure:
    return Failure(row.failure) if row.top_score is None else Answer(row.top_label, row.top_score, row.latency_s)


def _matrix_row(row: AnyRow, answers: Sequence[Answer | Failure | None]) -> MatrixRow:
    image = Image(
        row.sha256, row.name, row.media_type, row.width_px, row.height_px, row.size_bytes, steps=tuple(row.steps)
    )
    return MatrixRow(image, row.truth, tuple(answers))
