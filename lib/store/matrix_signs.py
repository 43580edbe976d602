"""What a row of the matrix is picked and sorted by, worked out by the database over the cells of the row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_

from lib.domain.matrix import RowOrder, RowSearch, Sign
from lib.store.cells import NO_LABEL
from lib.store.tables import matrix_cells, session_images

_CELL = matrix_cells.c
_TRUTH = session_images.c.truth
_BEYOND = 2.0  # more than any margin: a row without answers comes last


@dataclass(frozen=True, slots=True)
class MatrixSigns:
    """Conditions on a row, each an aggregate over its cells of the versions; the first version is the baseline."""

    search: RowSearch
    version_ids: Sequence[int]

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """All that the search asks for of a row, but for what stands in the row itself."""
        wanted = {
            Sign.DISAGREE: func.min(self._outcome) != func.max(self._outcome),
            Sign.FAILED: func.count(_CELL.place) > func.count(_CELL.top_score),
            Sign.WRONG: _any(self._wrong),
            Sign.FIX: and_(_any(self._baseline & self._wrong), _any(~self._baseline & self._right)),
            Sign.REGRESSION: and_(_any(self._baseline & self._right), _any(~self._baseline & self._wrong)),
        }
        yield from (condition for sign, condition in wanted.items() if sign in self.search.signs)
        if self.search.below is not None:
            yield func.min(_CELL.top_score) < self.search.below
        if self.search.label:
            named = _CELL.top_label.icontains(self.search.label, autoescape=True)
            yield or_(_any(named), func.max(_TRUTH).icontains(self.search.label, autoescape=True))

    def order(self) -> list[ColumnElement[Any]]:
        """The columns to sort by; rows that are equal in all else come as they were added."""
        added = session_images.c.place
        match self.search.order:
            case RowOrder.NAME:
                return [func.lower(session_images.c.name), added]
            case RowOrder.CHANGE:
                one_label = func.min(_CELL.top_label) == func.max(_CELL.top_label)
                spread = func.max(_CELL.top_score) - func.min(_CELL.top_score)
                return [func.coalesce(case((one_label, spread), else_=func.max(_CELL.top_score)), -1).desc(), added]
            case RowOrder.MARGIN:
                return [func.coalesce(func.min(_CELL.margin), _BEYOND), added]
            case RowOrder.LATENCY:
                return [func.coalesce(func.max(_CELL.latency_s), -1).desc(), added]
            case _:
                return [added]

    @property
    def _outcome(self) -> ColumnElement[str]:
        """The top label, "" for no label from the threshold on; NULL where there is no prediction."""
        if self.search.threshold == 0:
            return _CELL.top_label
        reaches = _CELL.top_score >= self.search.threshold
        return case((reaches, _CELL.top_label), (_CELL.top_score.is_not(None), NO_LABEL))

    @property
    def _right(self) -> ColumnElement[bool]:
        return self._outcome == _TRUTH

    @property
    def _wrong(self) -> ColumnElement[bool]:
        return self._outcome != _TRUTH

    @property
    def _baseline(self) -> ColumnElement[bool]:
        return _CELL.version_id == (self.version_ids[0] if self.version_ids else None)


def _any(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.max(case((condition, 1), else_=0)) == 1
