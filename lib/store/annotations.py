"""Annotations, review settings, and the ground truth that they give."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from lib.domain.annotations import (
    Annotation,
    AnnotationStatus,
    GroundTruthRule,
    QueueItem,
    Review,
    ReviewStatus,
    find_ground_truth,
)
from lib.domain.predictions import ModelVersion
from lib.errors import ReviewDone
from lib.store import queries
from lib.store.cells import renew_rows
from lib.store.columns import SanitizedText
from lib.store.database import AnyRow, Database, Repository
from lib.store.engine import upsert
from lib.store.tables import (
    annotations,
    label_sets,
    matrix_rows,
    records,
    review_settings,
    session_images,
    session_versions,
)
from lib.store.versions import Versions


class Annotations(Repository):
    """Annotations of each session, and the true labels that the session's rule makes of them."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def add(self, session_id: str, annotation: Annotation) -> None:
        """Add an annotation. Raises ReviewDone if the review is signed off."""
        self._add(session_id, [annotation])

    def set_true_labels(
        self, session_id: str, sha256s: Sequence[str], label: str | None, by: str, at: datetime
    ) -> None:
        """Set the true label of these images, whatever reviewers annotated; None clears it. Raises ReviewDone."""
        status = AnnotationStatus.UNSURE if label is None else AnnotationStatus.CORRECT
        self._add(session_id, [Annotation(sha256, by, status, label, at, resolves=True) for sha256 in sha256s])

    def find(self, session_id: str, sha256: str | None = None) -> list[Annotation]:
        """Return all annotations of the session, or of one image, oldest first."""
        statement = _ANNOTATIONS.where(annotations.c.session_id == session_id)
        if sha256 is not None:
            statement = statement.where(annotations.c.sha256 == sha256)
        return [_annotation(row) for row in self._database.find(statement.order_by(annotations.c.id))]

    def count_reviewed(self, session_id: str) -> dict[str, int]:
        """Return the number of images by reviewer that have a current annotation."""
        return dict(self._database.find(_COUNTS, session_id=session_id))

    def get_review(self, session_id: str) -> Review:
        """Return the review settings of the session; the defaults if nobody changed them."""
        found = self._database.find(_REVIEW, session_id=session_id)
        return _review(found[0]) if found else Review()

    def set_review(self, session_id: str, review: Review) -> None:
        """Change the review settings. Another rule changes the true labels of the session."""
        row = {
            **asdict(review),
            "session_id": session_id,
            "rule": review.rule.name,
            "status": review.status.name,
        }
        with self._database.writing(session_id) as connection:
            upsert(
                connection,
                review_settings,
                row,
                key=["session_id"],
                replace_where=review_settings.c.session_id == session_id,
            )
            annotated = select(annotations.c.sha256).where(annotations.c.session_id == session_id).distinct()
            self._apply_rule(connection, session_id, connection.execute(annotated).scalars().all(), review.rule)

    def find_queue(self, session_id: str) -> list[QueueItem]:
        """Return the images of the session with the values that a queue is sorted by, in the order added."""
        return [QueueItem(*row) for row in self._database.find(_QUEUE, session_id=session_id)]

    def find_true_label(self, session_id: str, sha256: str) -> str | None:
        """Return the true label of an image of the session; None without ground truth."""
        mine = (session_images.c.session_id == session_id, session_images.c.sha256 == sha256)
        return next(
            (true_label for (true_label,) in self._database.find(select(session_images.c.true_label).where(*mine))),
            None,
        )

    def find_labels(self, session_id: str, versions: Sequence[ModelVersion]) -> list[str]:
        """Return labels to choose a true label from: those set in the session, most frequent first, then the labels
        of these versions, as far as the session shows them.
        """
        used = [label for (label,) in self._database.find(_USED_LABELS, session_id=session_id)]
        known = (
            label
            for version in versions
            for (labels,) in self._database.find(
                _KNOWN_LABELS, session_id=session_id, version_id=self._versions.get_id(version)
            )
            for label in labels
        )
        return list(dict.fromkeys([*used, *known]))

    def _add(self, session_id: str, new: Sequence[Annotation]) -> None:
        with self._database.writing(session_id) as connection:
            review = self._open_review(connection, session_id)
            for annotation in new:
                connection.execute(insert(annotations).values(_annotation_row(session_id, annotation)))
            self._apply_rule(connection, session_id, [annotation.sha256 for annotation in new], review.rule)

    def _open_review(self, connection: Connection, session_id: str) -> Review:
        row = connection.execute(_REVIEW, {"session_id": session_id}).first()
        review = _review(row) if row else Review()
        if review.status is ReviewStatus.DONE:
            raise ReviewDone("This review is signed off. Reopen it to change annotations.")
        return review

    def _apply_rule(
        self, connection: Connection, session_id: str, sha256s: Sequence[str], rule: GroundTruthRule
    ) -> None:
        for sha256 in sha256s:
            history = [
                _annotation(row)
                for row in connection.execute(_ANNOTATIONS_OF_IMAGE, {"session_id": session_id, "sha256": sha256})
            ]
            true_label = find_ground_truth(history, rule)
            latest = history[-1] if history else None
            connection.execute(
                _SET_TRUE_LABEL,
                {
                    "its_session": session_id,
                    "its_sha256": sha256,
                    "label": true_label,
                    "latest": latest.reviewer if latest else None,
                    "moment": latest.made_at if latest else None,
                },
            )
        renew_rows(connection, session_id, sha256s)
        connection.execute(queries.MOVE_ON, {"session_id": session_id})


def _annotation_row(session_id: str, annotation: Annotation) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "sha256": annotation.sha256,
        "reviewer": annotation.reviewer,
        "status": annotation.status.name,
        "label": annotation.label,
        "made_at": annotation.made_at,
        "note": annotation.note,
        "shown": list(annotation.shown),
        "resolves": annotation.resolves,
    }


def _annotation(row: AnyRow) -> Annotation:
    return Annotation(
        row.sha256,
        row.reviewer,
        AnnotationStatus[row.status],
        row.label,
        row.made_at,
        row.note,
        tuple(row.shown),
        row.resolves,
    )


def _review(row: AnyRow) -> Review:
    return Review(
        GroundTruthRule[row.rule],
        row.blind,
        ReviewStatus[row.status],
        row.seed,
        row.note,
        row.signed_off_by,
        row.signed_off_at,
    )


_OF_SESSION = bindparam("session_id", type_=SanitizedText)
_ANNOTATIONS = select(annotations)
_ANNOTATIONS_OF_IMAGE = _ANNOTATIONS.where(
    annotations.c.session_id == _OF_SESSION, annotations.c.sha256 == bindparam("sha256", type_=SanitizedText)
).order_by(annotations.c.id)
_REVIEW = select(review_settings).where(review_settings.c.session_id == _OF_SESSION)
_LATER = annotations.alias("later")
_COUNTS = (
    select(annotations.c.reviewer, func.count())
    .where(
        annotations.c.session_id == _OF_SESSION,
        ~annotations.c.resolves,
        annotations.c.status != AnnotationStatus.WITHDRAWN.name,
        ~exists().where(
            _LATER.c.session_id == annotations.c.session_id,
            _LATER.c.sha256 == annotations.c.sha256,
            _LATER.c.reviewer == annotations.c.reviewer,
            _LATER.c.id > annotations.c.id,
            ~_LATER.c.resolves,
        ),
    )
    .group_by(annotations.c.reviewer)
    .order_by(annotations.c.reviewer)
)
_QUEUE = (
    select(session_images.c.sha256, matrix_rows.c.differs, matrix_rows.c.lowest_margin, matrix_rows.c.lowest_score)
    .join(
        matrix_rows,
        (matrix_rows.c.session_id == session_images.c.session_id)
        & (matrix_rows.c.position == session_images.c.position),
    )
    .where(session_images.c.session_id == _OF_SESSION)
    .order_by(session_images.c.position)
)
_SET_TRUE_LABEL = (
    update(session_images)
    .where(
        session_images.c.session_id == bindparam("its_session", type_=SanitizedText),
        session_images.c.sha256 == bindparam("its_sha256"),
    )
    .values(true_label=bindparam("label"), true_label_by=bindparam("latest"), true_label_at=bindparam("moment"))
)

_THIS_SESSION = session_images.c.session_id == _OF_SESSION
_USED_LABELS = (
    select(session_images.c.true_label)
    .where(_THIS_SESSION, session_images.c.true_label.is_not(None))
    .group_by(session_images.c.true_label)
    .order_by(func.count().desc(), session_images.c.true_label)
)
# All predictions of a version have the same set of labels: a new etag makes a new version.
_KNOWN_LABELS = (
    select(label_sets.c.labels)
    .join(records, records.c.label_set_id == label_sets.c.id)
    .join(session_images, session_images.c.sha256 == records.c.sha256)
    .join(
        session_versions,
        (session_versions.c.session_id == session_images.c.session_id)
        & (session_versions.c.version_id == records.c.version_id),
    )
    .where(_THIS_SESSION, records.c.version_id == bindparam("version_id"))
    .limit(1)
)
