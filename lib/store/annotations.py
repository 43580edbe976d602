"""Annotations of reviewers, true labels that are set directly, and the labels to choose from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, cast, distinct, exists, func, insert, select

from lib.domain.annotations import Annotation, AnnotationStatus, TrueLabel
from lib.domain.predictions import ModelVersion
from lib.store.columns import SanitizedText
from lib.store.database import Database, Repository
from lib.store.final_words import apply_rule, find_open_rule, read_annotation
from lib.store.locks import lock_images
from lib.store.queries import HIDDEN_SESSIONS
from lib.store.tables import (
    annotations,
    label_sets,
    records,
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
        self.add_many(session_id, [annotation])

    def set_true_labels(
        self, session_id: str, sha256s: Sequence[str], label: TrueLabel | None, by: str, at: datetime
    ) -> None:
        """Set the true label of these images, whatever reviewers annotated; None clears it. Raises ReviewDone."""
        status = AnnotationStatus.WITHDRAWN if label is None else AnnotationStatus.LABELED
        self.add_many(session_id, [Annotation(sha256, by, status, label, at, resolves=True) for sha256 in sha256s])

    def find_elsewhere(self, session_id: str) -> dict[str, set[TrueLabel]]:
        """Return the true labels that other sessions have for images that nobody ever annotated here.

        Sessions under blind review are left out.
        """
        found: dict[str, set[TrueLabel]] = {}
        for sha256, true_label in self._database.find(_ELSEWHERE, session_id=session_id):
            found.setdefault(sha256, set()).add(true_label)
        return found

    def find_differing(self, session_id: str) -> list[str]:
        """Return the images for which another session has a different true label, in the order added.

        Sessions under blind review are left out.
        """
        return [sha256 for (sha256,) in self._database.find(_DIFFERING, session_id=session_id)]

    def find(self, session_id: str, sha256: str | None = None) -> list[Annotation]:
        """Return all annotations of the session, or of one image, oldest first."""
        statement = _ANNOTATIONS.where(annotations.c.session_id == session_id)
        if sha256 is not None:
            statement = statement.where(annotations.c.sha256 == sha256)
        return [read_annotation(row) for row in self._database.find(statement.order_by(annotations.c.id))]

    def count_reviewed(self, session_id: str) -> dict[str, int]:
        """Return the number of images by reviewer that have a current annotation."""
        return dict(self._database.find(_COUNTS, session_id=session_id))

    def find_final(self, session_id: str) -> set[str]:
        """Return the images of the session with a final word."""
        return {sha256 for (sha256,) in self._database.find(_FINAL, session_id=session_id)}

    def count_seen(self, session_id: str) -> int:
        """Return on how many images with a final word a reviewer saw predictions."""
        return int(self._database.find(_SEEN, session_id=session_id)[0][0])

    def find_true_label(self, session_id: str, sha256: str) -> TrueLabel | None:
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
        found = self._database.find(_USED_LABELS, session_id=session_id)
        used = [label for (true_label,) in found if true_label is not None for label in true_label.labels]
        known = (
            label
            for version in versions
            for (labels,) in self._database.find(
                _KNOWN_LABELS, session_id=session_id, version_id=self._versions.get_id(version)
            )
            for label in labels
        )
        return list(dict.fromkeys([*used, *known]))

    def find_known_labels(self, session_id: str, version: ModelVersion) -> frozenset[str]:
        """Return the labels that a version of the session can predict."""
        its = {"session_id": session_id, "version_id": self._versions.get_id(version)}
        return frozenset(label for (labels,) in self._database.find(_KNOWN_LABELS, **its) for label in labels)

    def add_many(self, session_id: str, new: Sequence[Annotation]) -> None:
        """Add annotations at once. Raises ReviewDone if the review is signed off."""
        with self._database.writing(session_id) as connection:
            lock_images(connection, session_id, [annotation.sha256 for annotation in new])
            rule = find_open_rule(connection, session_id)
            for annotation in new:
                connection.execute(insert(annotations).values(_annotation_row(session_id, annotation)))
            apply_rule(connection, session_id, [annotation.sha256 for annotation in new], rule)


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


_OF_SESSION = bindparam("session_id", type_=SanitizedText)
_ANNOTATIONS = select(annotations)
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
_THIS_SESSION = session_images.c.session_id == _OF_SESSION
_OTHER_IMAGES = session_images.alias("other_images")
_LABELED_ELSEWHERE = (
    select(session_images.c.sha256, _OTHER_IMAGES.c.true_label)
    .join(_OTHER_IMAGES, _OTHER_IMAGES.c.sha256 == session_images.c.sha256)
    .where(
        _THIS_SESSION,
        _OTHER_IMAGES.c.session_id != session_images.c.session_id,
        _OTHER_IMAGES.c.true_label.is_not(None),
        _OTHER_IMAGES.c.session_id.not_in(HIDDEN_SESSIONS),
    )
)
_ELSEWHERE = _LABELED_ELSEWHERE.where(
    ~exists().where(
        annotations.c.session_id == session_images.c.session_id, annotations.c.sha256 == session_images.c.sha256
    )
)
_DIFFERING = (
    _LABELED_ELSEWHERE.with_only_columns(session_images.c.sha256)
    .where(session_images.c.true_label != _OTHER_IMAGES.c.true_label)
    .group_by(session_images.c.sha256, session_images.c.position)
    .order_by(session_images.c.position)
)
_FINAL = select(session_images.c.sha256).where(_THIS_SESSION, session_images.c.is_final)
_SEEN = (
    select(func.count(distinct(session_images.c.sha256)))
    .join(
        annotations,
        (annotations.c.session_id == session_images.c.session_id) & (annotations.c.sha256 == session_images.c.sha256),
    )
    .where(_THIS_SESSION, session_images.c.is_final, cast(annotations.c.shown, String) != "[]")
)
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
