"""A session's versions in numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import and_, select

from lib.domain.matrix import VersionTrend
from lib.domain.predictions import ModelVersion
from lib.store.cells import outcome
from lib.store.connected import AnyRow, AnySelect
from lib.store.records import Records
from lib.store.tables import matrix_cells, session_images


class Trends(Records):
    """Versions beside one another."""

    def find_trends(
        self, session_id: str, versions: Mapping[str, ModelVersion], threshold: float
    ) -> list[VersionTrend]:
        """Each version in numbers, in the order given: the first is the baseline.

        `versions` are named as on the page. A top label counts from a score of `threshold` on.
        """
        ids = {name: self._version_id(version) for name, version in versions.items()}
        baseline = next(iter(ids), None)
        baseline_id = next(iter(ids.values()), None)
        # Versions are told apart by name: all that were never asked have the same id.
        return [
            _trend(name, self._find(_select_answers(session_id, id_, baseline_id, threshold)), name == baseline)
            for name, id_ in ids.items()
        ]


def _select_answers(session_id: str, version_id: int, baseline_id: int | None, threshold: float) -> AnySelect:
    """Score, latency, whether it is right and whether it is what the baseline says, of each prediction."""
    mine, other = matrix_cells.alias("mine"), matrix_cells.alias("other")
    label = outcome(mine, threshold)
    beside = (other.c.session_id == mine.c.session_id, other.c.place == mine.c.place, other.c.version_id == baseline_id)
    return (
        select(mine.c.top_score, mine.c.latency_s, label == session_images.c.truth, label == outcome(other, threshold))
        .join(session_images, session_images.c.place == mine.c.place)
        .outerjoin(other, and_(*beside))
        .where(mine.c.session_id == session_id, mine.c.version_id == version_id, mine.c.top_score.is_not(None))
    )


def _trend(name: str, rows: Sequence[AnyRow], is_baseline: bool) -> VersionTrend:
    scores, latencies_s, right, same = zip(*rows, strict=True) if rows else ((), (), (), ())
    return VersionTrend(
        version=name,
        images=len(scores),
        labelled=sum(known is not None for known in right),
        right=sum(known or False for known in right),
        same_as_baseline=None if is_baseline else sum(agrees or False for agrees in same),
        compared=None if is_baseline else sum(agrees is not None for agrees in same),
        median_score=float(np.median(scores)) if scores else None,
        median_latency_s=float(np.median(latencies_s)) if latencies_s else None,
    )
