"""Annotations, true labels, the must-not-regress set, and groups of near-duplicates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lib.domain.annotations import Annotation, AnnotationStatus, TrueLabel
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.domain.wording import format_count
from lib.store import Store
from lib.workflows.authorization import authorize, record_event

_SHOWN_OF_HASH = 12


def annotate_image(store: Store, actor: Actor, session_id: str, annotation: Annotation) -> None:
    """Store the actor's own annotation of an image, or its withdrawal. Raises RoleMissing and ReviewDone."""
    action = Action.UNDO_ANNOTATION if annotation.status is AnnotationStatus.WITHDRAWN else Action.ANNOTATE
    authorize(store, actor, action, session_id)
    store.annotations.add(session_id, replace(annotation, reviewer=actor.name))
    image = f"image {annotation.sha256[:_SHOWN_OF_HASH]}"
    label = f" {annotation.label}" if annotation.label is not None else ""
    details = image if action is Action.UNDO_ANNOTATION else f"{image}: {annotation.status.value}{label}"
    record_event(store, actor, action, session_id, details)


def set_true_labels(
    store: Store, actor: Actor, session_id: str, sha256s: Sequence[str], label: TrueLabel | None
) -> None:
    """Set the true label of images; None clears it. Raises RoleMissing and ReviewDone."""
    action = Action.CLEAR_TRUE_LABEL if label is None else Action.SET_TRUE_LABEL
    authorize(store, actor, action, session_id)
    store.annotations.set_true_labels(session_id, sha256s, label, actor.name, datetime.now(UTC))
    which = _describe_images(sha256s)
    record_event(store, actor, action, session_id, which if label is None else f"{which}: {label}")


def set_must_not_regress(store: Store, actor: Actor, session_id: str, sha256s: Sequence[str], *, marked: bool) -> None:
    """Add images to the session's must-not-regress set, or remove them; also after sign-off. Raises RoleMissing."""
    action = Action.MARK_MUST_NOT_REGRESS if marked else Action.UNMARK_MUST_NOT_REGRESS
    authorize(store, actor, action, session_id)
    store.images.set_must_not_regress(session_id, sha256s, marked=marked)
    record_event(store, actor, action, session_id, _describe_images(sha256s))


FROM_ANOTHER_SESSION = "From another session"


def copy_true_labels(store: Store, actor: Actor, session_id: str) -> int:
    """Copy true labels of other sessions for images that have none here; return how many.

    They are marked with a note. Where other sessions differ, nothing is copied. Raises RoleMissing and ReviewDone.
    """
    authorize(store, actor, Action.SET_TRUE_LABEL, session_id)
    elsewhere = store.annotations.find_elsewhere(session_id)
    settled = {sha256: next(iter(labels)) for sha256, labels in elsewhere.items() if len(labels) == 1}
    now = datetime.now(UTC)
    copies = [
        Annotation(sha256, actor.name, AnnotationStatus.LABELED, label, now, FROM_ANOTHER_SESSION, resolves=True)
        for sha256, label in settled.items()
    ]
    store.annotations.add_many(session_id, copies)
    record_event(
        store, actor, Action.SET_TRUE_LABEL, session_id, f"{format_count(len(copies), 'image')}: from other sessions"
    )
    return len(copies)


def resolve_conflict(store: Store, actor: Actor, session_id: str, resolution: Annotation) -> None:
    """Store the final word on an image that reviewers label differently. Raises RoleMissing and ReviewDone."""
    authorize(store, actor, Action.SET_TRUE_LABEL, session_id)
    store.annotations.add(session_id, resolution)
    word = AnnotationStatus.UNSURE.value if resolution.label is None else str(resolution.label)
    details = f"image {resolution.sha256[:_SHOWN_OF_HASH]}: {word} (conflict resolved)"
    record_event(store, actor, Action.SET_TRUE_LABEL, session_id, details)


def split_group(store: Store, actor: Actor, session_id: str, sha256s: Sequence[str]) -> None:
    """Mark images as different, although they look like near-duplicates. Raises RoleMissing and UnknownSession."""
    authorize(store, actor, Action.SPLIT_GROUP, session_id)
    store.images.set_distinct(session_id, sha256s)
    record_event(store, actor, Action.SPLIT_GROUP, session_id, format_count(len(sha256s), "image"))


def _describe_images(sha256s: Sequence[str]) -> str:
    return format_count(len(sha256s), "image") if len(sha256s) > 1 else f"image {sha256s[0][:_SHOWN_OF_HASH]}"
