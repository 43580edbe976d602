"""Filters and sort orders of the matrix as SQL conditions."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, or_

from lib.domain.matrix import Filter, RowOrder, RowSearch
from lib.store.cells import is_right, outcome
from lib.store.tables import matrix_cells, session_images

_BEYOND = 2.0  # more than any margin: rows without predictions come last
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
    """Return the columns of matrix_rows that the search needs, besides its key and the true label."""
    criteria: tuple[Filter | RowOrder, ...] = (*search.filters, search.order)
    needed = {name for criterion in criteria for name in _NEEDED.get(criterion, ())}
    bounds = {"lowest_score": search.below is not None, "labels": bool(search.label)}
    return sorted(needed | {name for name, is_needed in bounds.items() if is_needed})


@dataclass(frozen=True, slots=True)
class MatrixFilters:
    """Conditions on `rows`, which has the columns of matrix_rows. The first version is the baseline."""

    rows: FromClause
    search: RowSearch
    version_ids: Sequence[int]

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions of the search."""
        wanted: dict[Filter, Callable[[], ColumnElement[bool]]] = {
            Filter.DISAGREE: lambda: self.rows.c.differs,
            Filter.FAILED: lambda: self.rows.c.failures > 0,
            Filter.UNREVIEWED: lambda: self.rows.c.true_label.is_(None),
            Filter.WRONG: lambda: self.rows.c.is_wrong,
            Filter.FIX: lambda: self._flips(baseline_is_right=False),
            Filter.REGRESSION: lambda: self._flips(baseline_is_right=True),
            Filter.MUST_NOT_REGRESS: self._must_not_regress,
        }
        yield from (wanted[name]() for name in self.search.filters)
        if self.search.below is not None:
            yield self.rows.c.lowest_score < self.search.below
        if self.search.label:
            # Labels that earlier releases stored may be in decomposed form.
            spellings = {unicodedata.normalize(form, self.search.label.lower()) for form in ("NFC", "NFD")}
            yield or_(*(self.rows.c.labels.contains(spelling, autoescape=True) for spelling in sorted(spellings)))

    def order(self) -> list[ColumnElement[Any]]:
        """Return the columns to sort by; equal rows stay in the order added."""
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

    def _must_not_regress(self) -> ColumnElement[bool]:
        return exists().where(session_images.c.position == self.rows.c.position, session_images.c.must_not_regress)

    def _flips(self, *, baseline_is_right: bool) -> ColumnElement[bool]:
        # In a fix or regression the versions always differ and one is wrong, so the cells of most rows are not read.
        # If the baseline is right, the version that is wrong is a candidate.
        baseline, candidates = self.version_ids[:1], self.version_ids[1:]
        flips = and_(self.rows.c.differs, self.rows.c.is_wrong, self._predicts(baseline, baseline_is_right))
        return flips if baseline_is_right else and_(flips, self._predicts(candidates, True))

    def _predicts(self, version_ids: Sequence[int], wants_right: bool) -> ColumnElement[bool]:
        found = is_right(outcome(matrix_cells, self.search.threshold), self.rows.c.true_label)
        return exists().where(
            matrix_cells.c.session_id == self.rows.c.session_id,
            matrix_cells.c.position == self.rows.c.position,
            matrix_cells.c.version_id.in_(version_ids),
            found if wants_right else ~found,
        )
