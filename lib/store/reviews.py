"""Reviews: the settings of each session's, and its images to review."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, select

from lib.domain.annotations import GroundTruthRule
from lib.domain.assignment import Assignment
from lib.domain.predictions import ModelVersion
from lib.domain.review_order import Place, draw_place
from lib.domain.reviews import QueueItem, Review, ReviewMode, ReviewStatus
from lib.store.cells import sum_rows_up
from lib.store.columns import SanitizedText
from lib.store.database import AnyRow, Database, Repository
from lib.store.engine import upsert
from lib.store.final_words import apply_rule
from lib.store.locks import lock_session
from lib.store.queries import HAS_LABELS
from lib.store.tables import annotations, review_settings, session_images, sessions
from lib.store.versions import Versions


class Reviews(Repository):
    """Review settings of each session; sessions without a row have the defaults."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def get(self, session_id: str) -> Review:
        """Return the review settings of the session; the defaults if nobody changed them."""
        found = self._database.find(_REVIEW, session_id=session_id)
        return _review(found[0]) if found else Review()

    def has_labels(self, session_id: str) -> bool:
        """Report whether any image of the session ever had a final word."""
        return any(has_labels for (has_labels,) in self._database.find(HAS_LABELS, session_id=session_id))

    def change(self, session_id: str, review: Review) -> None:
        """Change the review settings. Another rule, or other labels that are the same, change the true labels."""
        row = {
            **asdict(review),
            "session_id": session_id,
            "mode": review.mode.name,
            "rule": review.rule.name,
            "status": review.status.name,
        }
        with self._database.writing(session_id) as connection:
            lock_session(connection, session_id)
            is_this = review_settings.c.session_id == session_id
            upsert(connection, review_settings, row, key=["session_id"], replace_where=is_this)
            annotated = select(annotations.c.sha256).where(annotations.c.session_id == session_id).distinct()
            apply_rule(connection, session_id, connection.execute(annotated).scalars().all(), review.rule)

    def find_places(self, session_id: str) -> dict[str, Place]:
        """Return the place of each image of the session in the review order."""
        return {
            sha256: draw_place(seed, batch, sha256)
            for sha256, seed, batch in self._database.find(_PLACES, session_id=session_id)
        }

    def find_queue(self, session_id: str, versions: Sequence[ModelVersion], threshold: float = 0.0) -> list[QueueItem]:
        """Return the images of the session with the values that a queue is sorted by, in the order added.

        They differ if these versions predict different labels, which are not treated as the same; a top label with a
        lower score counts as no label.
        """
        ids = [self._versions.get_id(version) for version in versions]
        sums = sum_rows_up(
            ("differs", "lowest_margin", "lowest_score"),
            threshold=threshold,
            version_ids=ids,
            same_labels=self.get(session_id).same_labels,
        ).subquery()
        statement = (
            select(
                session_images.c.sha256,
                sessions.c.review_seed,
                session_images.c.batch,
                session_images.c.is_final,
                sums.c.differs,
                sums.c.lowest_margin,
                sums.c.lowest_score,
            )
            .join(sessions, sessions.c.id == session_images.c.session_id)
            .join(sums, sums.c.position == session_images.c.position)
            .where(session_images.c.session_id == session_id)
            .order_by(session_images.c.position)
        )
        return [
            QueueItem(sha256, draw_place(seed, batch, sha256), *rest)
            for sha256, seed, batch, *rest in self._database.find(statement)
        ]


def _review(row: AnyRow) -> Review:
    return Review(
        ReviewMode[row.mode],
        GroundTruthRule[row.rule],
        ReviewStatus[row.status],
        row.threshold,
        row.margin,
        row.note,
        row.signed_off_by,
        row.signed_off_at,
        row.mode_set_by,
        tuple(row.signed_verdicts),
        tuple(map(tuple, row.same_labels)),
        Assignment(tuple(row.assignment.get("reviewers", ())), row.assignment.get("reviewers_per_image", 1)),
    )


_PLACES = (
    select(session_images.c.sha256, sessions.c.review_seed, session_images.c.batch)
    .join(sessions, sessions.c.id == session_images.c.session_id)
    .where(session_images.c.session_id == bindparam("session_id", type_=SanitizedText))
)
_REVIEW = select(review_settings).where(review_settings.c.session_id == bindparam("session_id", type_=SanitizedText))
