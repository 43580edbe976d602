"""Pairs of predictions, which comparisons are computed from."""

import struct
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, case, exists, literal_column, select

from lib.domain.pairs import InterimAnalysis, Pair, PredictionSummary, VersionPair
from lib.store.database import AnyRow, AnySelect, Database, Repository
from lib.store.engine import upsert
from lib.store.tables import images, interim_analyses, records, session_images, session_versions
from lib.store.versions import Versions

_FLOAT = struct.Struct("<f")
_EVERYWHERE = ""  # stands for all sessions


class Pairs(Repository):
    """Images that two versions predicted, and the interim analyses of their comparison."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def find(self, version_pair: VersionPair) -> list[Pair]:
        """Return all images of the session that both versions predicted, in the order added; none unless the session
        shows both versions.

        Over all sessions: each image once, in the session where its true label was set last; without a true label, in
        the session where it was added last.
        """
        ids = (self._versions.get_id(version_pair.baseline), self._versions.get_id(version_pair.candidate))
        statement = select_pairs(*ids, version_pair.session_id)
        with self._database.reading.begin() as connection:
            rows = {row.sha256: row for row in connection.execute(statement)}
            return [self._pair(connection, row) for row in rows.values()]

    def add_interim_analysis(self, version_pair: VersionPair, analysis: InterimAnalysis, at: datetime) -> None:
        """Record that a verdict was read: once for each number of labeled images, the first time."""
        row = {**self._key_of(version_pair), "labeled": analysis.labeled, "p": analysis.p, "analyzed_at": at}
        with self._database.engine.begin() as connection:
            upsert(connection, interim_analyses, row, key=["session_id", "baseline_id", "candidate_id", "labeled"])

    def find_interim_analyses(self, version_pair: VersionPair) -> list[InterimAnalysis]:
        """Return the interim analyses of this comparison, by number of labeled images."""
        mine = [interim_analyses.c[name] == value for name, value in self._key_of(version_pair).items()]
        columns = select(interim_analyses.c.labeled, interim_analyses.c.p)
        return [
            InterimAnalysis(*row)
            for row in self._database.find(columns.where(*mine).order_by(interim_analyses.c.labeled))
        ]

    def _key_of(self, version_pair: VersionPair) -> dict[str, str | int]:
        return {
            "session_id": version_pair.session_id or _EVERYWHERE,
            "baseline_id": self._versions.get_id(version_pair.baseline),
            "candidate_id": self._versions.get_id(version_pair.candidate),
        }

    def _pair(self, connection: Connection, row: AnyRow) -> Pair:
        # Values by index: for over ten thousand rows, access by name costs more than the database.
        sha256, session_id, name, true_label, perceptual_hash = row[:5]
        return Pair(
            sha256,
            session_id,
            name,
            true_label,
            self._answer(connection, true_label, row[5:12]),
            self._answer(connection, true_label, row[12:19]),
            int(perceptual_hash, 16) if perceptual_hash else None,
        )

    def _answer(self, connection: Connection, true_label: str | None, short: tuple[Any, ...]) -> PredictionSummary:
        label, score, latency_s, squares, total, label_set_id, scores = short
        true_label_score = None if true_label is None else self._score_of(connection, true_label, label_set_id, scores)
        return PredictionSummary(label, score, latency_s, true_label_score, squares, total)

    def _score_of(self, connection: Connection, label: str, label_set_id: int, scores: bytes) -> float:
        positions = self._versions.get_label_positions(connection, label_set_id).get(label, ())
        return max((_FLOAT.unpack_from(scores, position * _FLOAT.size)[0] for position in positions), default=0.0)


def select_pairs(baseline_id: int, candidate_id: int, session_id: str | None) -> AnySelect:
    """Select the rows of `find`; over all sessions the last row of an image counts."""
    baseline, candidate = records.alias("baseline"), records.alias("candidate")
    statement = (
        select(
            session_images.c.sha256,
            session_images.c.session_id,
            session_images.c.name,
            session_images.c.true_label,
            images.c.perceptual_hash,
            *_short(baseline),
            *_short(candidate),
        )
        .join(images, images.c.sha256 == session_images.c.sha256)
        .join(baseline, (baseline.c.sha256 == session_images.c.sha256) & (baseline.c.version_id == baseline_id))
        .join(candidate, (candidate.c.sha256 == session_images.c.sha256) & (candidate.c.version_id == candidate_id))
        .where(baseline.c.top_score.is_not(None), candidate.c.top_score.is_not(None))
    )
    if session_id is None:
        # A cleared true label keeps its time, which must not hide the true label of another session.
        is_known = session_images.c.true_label.is_not(None)
        return statement.order_by(is_known, case((is_known, session_images.c.true_label_at)), session_images.c.position)
    both_shown = (
        exists().where(session_versions.c.session_id == session_id, session_versions.c.version_id == version_id)
        for version_id in (baseline_id, candidate_id)
    )
    return statement.where(session_images.c.session_id == session_id, *both_shown).order_by(session_images.c.position)


def _short(answers: FromClause) -> list[Any]:
    # All scores are read only for labeled images, to find the score of the true label.
    scores = case((session_images.c.true_label.is_not(None), answers.c.scores), else_=literal_column("NULL"))
    columns = ("top_label", "top_score", "latency_s", "squares", "total", "label_set_id")
    return [*(answers.c[name] for name in columns), scores]
