"""Final words: what a session's rule makes of the annotations of an image, kept with the image."""

from collections.abc import Sequence

from sqlalchemy import Boolean, Connection, bindparam, case, exists, func, select, update

from lib.domain.annotations import Annotation, AnnotationStatus, GroundTruthRule, find_final_word
from lib.domain.label_texts import merge_annotations
from lib.domain.reviews import ReviewStatus
from lib.errors import ReviewDone
from lib.store import queries
from lib.store.cells import renew_rows
from lib.store.columns import SanitizedText
from lib.store.database import AnyRow
from lib.store.tables import annotations, review_settings, session_images, sessions


def find_open_rule(connection: Connection, session_id: str) -> GroundTruthRule:
    """Return the rule of a review that may be changed. Raises ReviewDone if it is signed off."""
    row = connection.execute(_RULE, {"session_id": session_id}).first()
    if row and row.status == ReviewStatus.DONE.name:
        raise ReviewDone("This review is signed off. Reopen it to change annotations.")
    return GroundTruthRule[row.rule] if row else GroundTruthRule.SINGLE


def apply_rule(connection: Connection, session_id: str, sha256s: Sequence[str], rule: GroundTruthRule) -> None:
    """Find the final words on these images again, after annotations or the rule changed."""
    row = connection.execute(_RULE, {"session_id": session_id}).first()
    same_labels = tuple(map(tuple, row.same_labels)) if row else ()
    for sha256 in sha256s:
        of_image = {"session_id": session_id, "sha256": sha256}
        history = [read_annotation(row) for row in connection.execute(_ANNOTATIONS_OF_IMAGE, of_image)]
        final_word = find_final_word(merge_annotations(history, same_labels), rule)
        latest = history[-1] if history else None
        connection.execute(
            _SET_TRUE_LABEL,
            {
                "its_session": session_id,
                "its_sha256": sha256,
                "label": final_word.label if final_word else None,
                "ends": final_word is not None,
                "latest": latest.reviewer if latest else None,
                "moment": latest.made_at if latest else None,
            },
        )
    connection.execute(_CLOSE_BATCH, {"session_id": session_id})
    renew_rows(connection, session_id, sha256s)
    connection.execute(queries.MOVE_ON, {"session_id": session_id})


def read_annotation(row: AnyRow) -> Annotation:
    """Return the annotation of a row of its table."""
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


_OF_SESSION = bindparam("session_id", type_=SanitizedText)
_RULE = select(review_settings.c.rule, review_settings.c.status, review_settings.c.same_labels).where(
    review_settings.c.session_id == _OF_SESSION
)
_ANNOTATIONS_OF_IMAGE = (
    select(annotations)
    .where(annotations.c.session_id == _OF_SESSION, annotations.c.sha256 == bindparam("sha256", type_=SanitizedText))
    .order_by(annotations.c.id)
)
_SET_TRUE_LABEL = (
    update(session_images)
    .where(
        session_images.c.session_id == bindparam("its_session", type_=SanitizedText),
        session_images.c.sha256 == bindparam("its_sha256"),
    )
    .values(
        true_label=bindparam("label"),
        true_label_by=bindparam("latest"),
        true_label_at=bindparam("moment"),
        is_final=bindparam("ends"),
        final_in_batch=case(
            (
                bindparam("ends", type_=Boolean),
                func.coalesce(
                    session_images.c.final_in_batch,
                    select(sessions.c.latest_batch)
                    .where(sessions.c.id == session_images.c.session_id)
                    .scalar_subquery(),
                ),
            ),
            else_=session_images.c.final_in_batch,
        ),
    )
)
_CLOSE_BATCH = (
    update(sessions)
    .where(
        sessions.c.id == bindparam("session_id", type_=SanitizedText),
        exists().where(session_images.c.session_id == sessions.c.id, session_images.c.is_final),
    )
    .values(batch_is_closed=True)
)
