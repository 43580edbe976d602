"""A session as a matrix, which the database filters, sorts and divides into pages."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from sqlalchemy import FromClause, and_, func, select

from lib.domain.images import Image
from lib.domain.matrix import MatrixPage, MatrixRow, RowOrder, RowSearch, VersionTrend
from lib.domain.pairs import PredictionSummary
from lib.domain.predictions import Failure, ModelVersion
from lib.store import queries
from lib.store.cells import is_right, outcome, sum_rows_up
from lib.store.database import AnyRow, AnySelect, Database, Repository
from lib.store.matrix_filters import MatrixFilters, find_needed_sums
from lib.store.predictions import Predictions
from lib.store.queries import IMAGE_COLUMNS
from lib.store.tables import images, matrix_cells, matrix_rows, records, session_images
from lib.store.versions import Versions


class Matrix(Repository):
    """Rows are images, columns are versions."""

    def __init__(self, database: Database, versions: Versions, predictions: Predictions) -> None:
        super().__init__(database)
        self._versions = versions
        self._predictions = predictions

    def find_rows(self, session_id: str, search: RowSearch, offset: int = 0, limit: int = 50) -> MatrixPage:
        """Return a page of the rows that match the search, with their number on all pages (0 beyond the last)."""
        ids = [self._versions.get_id(version) for version in search.versions]
        shown_ids = [self._versions.get_id(version) for version in self._predictions.find_coverage(session_id)]
        page = self._database.find(select_positions(session_id, search, ids, shown_ids).offset(offset).limit(limit))
        counted = (
            sum(row.total for row in page[:1])
            if search.narrows
            else self._database.count(queries.IMAGE_COUNT, session_id=session_id)
        )
        return MatrixPage(tuple(self._matrix_rows([row.position for row in page], ids, shown_ids)), counted)

    def _matrix_rows(self, positions: Sequence[int], ids: Sequence[int], shown_ids: Collection[int]) -> list[MatrixRow]:
        rows = {row.position: row for row in self._database.find(_ROWS.where(session_images.c.position.in_(positions)))}
        sha256s = [row.sha256 for row in rows.values()]
        shown = [id_ for id_ in ids if id_ in shown_ids]
        short = self._database.find(_SHORT.where(records.c.sha256.in_(sha256s), records.c.version_id.in_(shown)))
        answers = {(row.sha256, row.version_id): _answer(row) for row in short}
        return [
            _matrix_row(rows[position], [answers.get((rows[position].sha256, id_)) for id_ in ids])
            for position in positions
        ]

    def find_trends(
        self, session_id: str, versions: Mapping[str, ModelVersion], threshold: float
    ) -> list[VersionTrend]:
        """Return metrics of each version in the order given; the first is the baseline.

        `versions` are by the name shown on the page. A top label needs a score of at least `threshold`. All metrics are
        of the images that all these versions predicted, without versions that predicted none.
        """
        coverage = self._predictions.find_coverage(session_id)
        predicting = [
            self._versions.get_id(version)
            for version in versions.values()
            if version in coverage and coverage[version].predictions
        ]
        common = _select_common_positions(session_id, predicting)
        ids = {name: self._versions.get_id(version) for name, version in versions.items()}
        baseline = next(iter(ids), None)
        baseline_id = next(iter(ids.values()), None)
        # By name: all versions without stored predictions share one id.
        return [
            _version_trend(
                name,
                self._database.find(_select_answers(session_id, id_, baseline_id, threshold, common)),
                name == baseline,
            )
            for name, id_ in ids.items()
        ]


_ROWS = select(
    *IMAGE_COLUMNS, session_images.c.true_label, session_images.c.must_not_regress, session_images.c.position
).join(images, images.c.sha256 == session_images.c.sha256)

_SHORT = select(
    records.c.sha256,
    records.c.version_id,
    records.c.top_label,
    records.c.top_score,
    records.c.latency_s,
    records.c.failure,
)


def select_positions(
    session_id: str, search: RowSearch, version_ids: Sequence[int], session_version_ids: Collection[int]
) -> AnySelect:
    """Select the positions of the matching rows in order; if the search narrows, each with the number of all matches.

    `session_version_ids` are all versions of the session. The stored rows sum up exactly these, without a threshold;
    for other columns or thresholds the statement computes the sums that the search needs.
    """
    needed = find_needed_sums(search)
    if not needed or (search.threshold == 0 and set(version_ids) >= set(session_version_ids)):
        rows: FromClause = matrix_rows
    else:
        sums = sum_rows_up(needed, threshold=search.threshold, version_ids=version_ids)
        rows = sums.where(session_images.c.session_id == session_id).subquery("rows")
    filters = MatrixFilters(rows, search, version_ids)
    total = [func.count().over().label("total")] if search.narrows else []
    statement = select(rows.c.position, *total).where(rows.c.session_id == session_id, *filters.conditions())
    if search.order is RowOrder.NAME:
        statement = statement.join(session_images, session_images.c.position == rows.c.position)
    return statement.order_by(*filters.order())


def _answer(row: AnyRow) -> PredictionSummary | Failure:
    return (
        Failure(row.failure)
        if row.top_score is None
        else PredictionSummary(row.top_label, row.top_score, row.latency_s)
    )


def _matrix_row(row: AnyRow, answers: Sequence[PredictionSummary | Failure | None]) -> MatrixRow:
    image = Image(
        row.sha256, row.name, row.media_type, row.width_px, row.height_px, row.size_bytes, steps=tuple(row.steps)
    )
    return MatrixRow(image, row.true_label, tuple(answers), row.must_not_regress)


def _select_common_positions(session_id: str, version_ids: Sequence[int]) -> AnySelect:
    """Select the positions of the images that all these versions predicted."""
    cells = matrix_cells.c
    return (
        select(cells.position)
        .where(cells.session_id == session_id, cells.version_id.in_(version_ids), cells.top_score.is_not(None))
        .group_by(cells.position)
        .having(func.count() == len(version_ids))
    )


def _select_answers(
    session_id: str, version_id: int, baseline_id: int | None, threshold: float, positions: AnySelect
) -> AnySelect:
    """Select score, latency, whether it is right and whether it agrees with the baseline, for each prediction."""
    mine, other = matrix_cells.alias("mine"), matrix_cells.alias("other")
    label = outcome(mine, threshold)
    beside = (
        other.c.session_id == mine.c.session_id,
        other.c.position == mine.c.position,
        other.c.version_id == baseline_id,
    )
    return (
        select(
            mine.c.top_score,
            mine.c.latency_s,
            is_right(label, session_images.c.true_label),
            label == outcome(other, threshold),
        )
        .join(session_images, session_images.c.position == mine.c.position)
        .outerjoin(other, and_(*beside))
        .where(
            mine.c.session_id == session_id,
            mine.c.version_id == version_id,
            mine.c.top_score.is_not(None),
            mine.c.position.in_(positions),
        )
    )


def _version_trend(name: str, rows: Sequence[AnyRow], is_baseline: bool) -> VersionTrend:
    scores, latencies_s, right, same = zip(*rows, strict=True) if rows else ((), (), (), ())
    return VersionTrend(
        version=name,
        images=len(scores),
        labeled=sum(known is not None for known in right),
        right=sum(known or False for known in right),
        same_as_baseline=None if is_baseline else sum(agrees or False for agrees in same),
        compared=None if is_baseline else sum(agrees is not None for agrees in same),
        median_score=float(np.median(scores)) if scores else None,
        median_latency_s=float(np.median(latencies_s)) if latencies_s else None,
    )
