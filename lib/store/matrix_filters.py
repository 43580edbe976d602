"""What a row of the matrix is picked and sorted by."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, or_

from lib.domain.matrix import Filter, RowOrder, RowSearch
from lib.store.cells import outcome
from lib.store.tables import matrix_cells, session_images

_BEYOND = 2.0  # more than any margin: a row without answers comes last
_NEEDED: dict[Filter | RowOrder, set[str]] = {
    Filter.DISAGREE: {"differs"},
    Filter.FAILED: {"failures"},
    Filter.WRONG: {"is_wrong"},
    Filter.FIX: {"differs", "is_wrong"},
    Filter.REGRESSION: {"differs", "is_wrong"},
    RowOrder.CHANGE: {"change"},
    RowOrder.MARGIN: {"lowest_margin"},
    RowOrder.LATENCY: {"slowest_s"},
}


def find_needed_sums(search: RowSearch) -> list[str]:
    """The columns of matrix_rows, beside its key and the truth, that the search looks at."""
    asked: tuple[Filter | RowOrder, ...] = (*search.filters, search.order)
    needed = {name for one in asked for name in _NEEDED.get(one, ())}
    bounds = {"lowest_score": search.below is not None, "labels": bool(search.label)}
    return sorted(needed | {name for name, is_asked in bounds.items() if is_asked})


@dataclass(frozen=True, slots=True)
class MatrixFilters:
    """Conditions on `rows`, which has the columns of matrix_rows; the first version is the baseline."""

    rows: FromClause
    search: RowSearch
    version_ids: Sequence[int]

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """All that the search asks for."""
        wanted: dict[Filter, Callable[[], ColumnElement[bool]]] = {
            Filter.DISAGREE: lambda: self.rows.c.differs,
            Filter.FAILED: lambda: self.rows.c.failures > 0,
            Filter.UNREVIEWED: lambda: self.rows.c.true_label.is_(None),
            Filter.WRONG: lambda: self.rows.c.is_wrong,
            Filter.FIX: lambda: self._flips(baseline_is_right=False),
            Filter.REGRESSION: lambda: self._flips(baseline_is_right=True),
        }
        yield from (wanted[sign]() for sign in self.search.filters)
        if self.search.below is not None:
            yield self.rows.c.lowest_score < self.search.below
        if self.search.label:
            # Labels that earlier releases stored may be decomposed.
            spellings = {unicodedata.normalize(form, self.search.label.lower()) for form in ("NFC", "NFD")}
            yield or_(*(self.rows.c.labels.contains(each, autoescape=True) for each in sorted(spellings)))

    def order(self) -> list[ColumnElement[Any]]:
        """The columns to sort by; rows that are equal in all else come as they were added."""
        first: list[ColumnElement[Any]] = []
        match self.search.order:
            case RowOrder.NAME:
                first = [func.lower(session_images.c.name)]
            case RowOrder.CHANGE:
                first = [func.coalesce(self.rows.c.change, -1).desc()]
            case RowOrder.MARGIN:
                first = [func.coalesce(self.rows.c.lowest_margin, _BEYOND)]
            case RowOrder.LATENCY:
                first = [func.coalesce(self.rows.c.slowest_s, -1).desc()]
        return [*first, self.rows.c.position]

    def _flips(self, *, baseline_is_right: bool) -> ColumnElement[bool]:
        # A flip is always a disagreement, and one version is wrong: of most rows the cells need no look. Where the
        # baseline is right, the one that is wrong is a candidate.
        baseline, candidates = self.version_ids[:1], self.version_ids[1:]
        flips = and_(self.rows.c.differs, self.rows.c.is_wrong, self._says(baseline, baseline_is_right))
        return flips if baseline_is_right else and_(flips, self._says(candidates, True))

    def _says(self, version_ids: Sequence[int], is_right: bool) -> ColumnElement[bool]:
        label = outcome(matrix_cells, self.search.threshold)
        return exists().where(
            matrix_cells.c.session_id == self.rows.c.session_id,
            matrix_cells.c.position == self.rows.c.position,
            matrix_cells.c.version_id.in_(version_ids),
            label == self.rows.c.true_label if is_right else label != self.rows.c.true_label,
        )
