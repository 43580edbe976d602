"""Pairs of predictions, which comparisons are computed from."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import Connection, FromClause, case, exists, literal_column, select

from lib.domain.annotations import TrueLabel
from lib.domain.images import Appearance
from lib.domain.pairs import Pair, PredictionSummary, VersionPair
from lib.domain.review_order import draw_place
from lib.store.database import AnyRow, AnySelect, Database, Repository
from lib.store.queries import HIDDEN_SESSIONS
from lib.store.tables import images, records, session_images, session_versions, sessions
from lib.store.versions import Versions

_FLOAT = struct.Struct("<f")
_NO_LABELS: Mapping[str, TrueLabel] = {}
Spellings: TypeAlias = Mapping[str, tuple[str, ...]]
"""All labels that are the same as a label, by label."""


class Pairs(Repository):
    """Images that two versions predicted."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def find(
        self,
        version_pair: VersionPair,
        same_labels: Sequence[tuple[str, ...]] = (),
        elsewhere: Mapping[str, TrueLabel] = _NO_LABELS,
    ) -> list[Pair]:
        """Return all images of the session that both versions predicted, in the order added; none unless the session
        shows both versions.

        Over all sessions: each image once, in the session where its true label was set last; without a true label, in
        the session where it was added last. Where sessions differ, the true label is not known. Sessions under blind
        review join after their sign-off. An image that must not regress in any session must not regress here.
        `same_labels` are groups of labels, each of which has the score of a true label that is another of its group.
        `elsewhere` are true labels by image, which count as final words where the session has none.
        """
        spellings = {label: group for group in same_labels for label in group}
        ids = (self._versions.get_id(version_pair.baseline), self._versions.get_id(version_pair.candidate))
        statement = select_pairs(*ids, version_pair.session_id, with_all_scores=bool(elsewhere))
        with self._database.reading.begin() as connection:
            found = connection.execute(statement).all()
            rows = {row.sha256: row for row in found}
            marked = {row[0] for row in found if row[-3]}
            pairs = [
                self._pair(connection, row, spellings, elsewhere.get(sha256), must_not_regress=sha256 in marked)
                for sha256, row in rows.items()
            ]
        conflicts = _find_conflicts(found)
        return [_forget_true_label(pair) if pair.sha256 in conflicts else pair for pair in pairs]

    def _pair(
        self,
        connection: Connection,
        row: AnyRow,
        spellings: Spellings,
        elsewhere: TrueLabel | None,
        *,
        must_not_regress: bool,
    ) -> Pair:
        # Values by index: for over ten thousand rows, access by name costs more than the database.
        sha256, session_id, name, true_label, seed, batch, is_final, final_in_batch, appearance = row[:9]
        is_from_elsewhere = elsewhere is not None and not is_final
        if is_from_elsewhere:
            true_label, is_final, final_in_batch = elsewhere, True, batch
        labels = true_label and [same for label in true_label.labels for same in spellings.get(label, (label,))]
        return Pair(
            sha256,
            session_id,
            name,
            true_label,
            self._answer(connection, labels, row[9:16]),
            self._answer(connection, labels, row[16:23]),
            draw_place(seed, batch, sha256),
            is_final,
            final_in_batch,
            Appearance.from_bytes(appearance) if appearance else None,
            must_not_regress,
            is_distinct=row[-2],
            captured_at=row[-1],
            is_from_elsewhere=is_from_elsewhere,
        )

    def _answer(
        self, connection: Connection, true_labels: Sequence[str] | None, short: tuple[Any, ...]
    ) -> PredictionSummary:
        label, score, latency_s, squares, total, label_set_id, scores = short
        true_label_score = None
        if true_labels is not None:
            true_label_score = self._score_of(connection, true_labels, label_set_id, scores)
        return PredictionSummary(label, score, latency_s, true_label_score, squares, total)

    def _score_of(self, connection: Connection, labels: Sequence[str], label_set_id: int, scores: bytes) -> float:
        known = self._versions.get_label_positions(connection, label_set_id)
        positions = [position for label in labels for position in known.get(label, ())]
        return max((_FLOAT.unpack_from(scores, position * _FLOAT.size)[0] for position in positions), default=0.0)


def _find_conflicts(rows: Sequence[AnyRow]) -> set[str]:
    """Return the images that have different true labels in different sessions."""
    labels: dict[str, set[TrueLabel]] = {}
    for row in rows:
        if row.true_label is not None:
            labels.setdefault(row.sha256, set()).add(row.true_label)
    return {sha256 for sha256, found in labels.items() if len(found) > 1}


def _forget_true_label(pair: Pair) -> Pair:
    return replace(pair, true_label=None, is_final=False)


def select_pairs(
    baseline_id: int, candidate_id: int, session_id: str | None, *, with_all_scores: bool = False
) -> AnySelect:
    """Select the rows of `find`; over all sessions the last row of an image counts.

    Scores are read for labeled images, to find the score of the true label, and for others only `with_all_scores`.
    """
    baseline, candidate = records.alias("baseline"), records.alias("candidate")
    statement = (
        select(
            session_images.c.sha256,
            session_images.c.session_id,
            session_images.c.name,
            session_images.c.true_label,
            sessions.c.review_seed,
            session_images.c.batch,
            session_images.c.is_final,
            session_images.c.final_in_batch,
            images.c.appearance,
            *_short(baseline, with_all_scores=with_all_scores),
            *_short(candidate, with_all_scores=with_all_scores),
            session_images.c.must_not_regress,
            session_images.c.is_distinct,
            images.c.captured_at,
        )
        .join(images, images.c.sha256 == session_images.c.sha256)
        .join(sessions, sessions.c.id == session_images.c.session_id)
        .join(baseline, (baseline.c.sha256 == session_images.c.sha256) & (baseline.c.version_id == baseline_id))
        .join(candidate, (candidate.c.sha256 == session_images.c.sha256) & (candidate.c.version_id == candidate_id))
        .where(baseline.c.top_score.is_not(None), candidate.c.top_score.is_not(None))
    )
    if session_id is None:
        # A cleared true label keeps its time, which must not hide the true label of another session.
        is_known = session_images.c.true_label.is_not(None)
        statement = statement.where(session_images.c.session_id.not_in(HIDDEN_SESSIONS))
        return statement.order_by(is_known, case((is_known, session_images.c.true_label_at)), session_images.c.position)
    both_shown = (
        exists().where(session_versions.c.session_id == session_id, session_versions.c.version_id == version_id)
        for version_id in (baseline_id, candidate_id)
    )
    return statement.where(session_images.c.session_id == session_id, *both_shown).order_by(session_images.c.position)


def _short(answers: FromClause, *, with_all_scores: bool) -> list[Any]:
    of_labeled = case((session_images.c.true_label.is_not(None), answers.c.scores), else_=literal_column("NULL"))
    scores = answers.c.scores if with_all_scores else of_labeled
    columns = ("top_label", "top_score", "latency_s", "squares", "total", "label_set_id")
    return [*(answers.c[name] for name in columns), scores]
