"""What people say of images, and how a session is reviewed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lib.domain.annotations import Annotation, AnnotationStatus, Review, ReviewStatus
from lib.domain.audit import Action
from lib.domain.people import Actor
from lib.domain.wording import format_count
from lib.errors import ReviewDone
from lib.store import Store
from lib.workflows.audit import authorize, record_event

_SHOWN_OF_HASH = 12


def annotate_image(store: Store, actor: Actor, session_id: str, verdict: Annotation) -> None:
    """Keep what a reviewer says of an image, or that they take it back. Raises RoleMissing and ReviewDone."""
    action = Action.UNDO_ANNOTATION if verdict.status is AnnotationStatus.WITHDRAWN else Action.ANNOTATE
    authorize(store, actor, action, session_id)
    store.annotations.add(session_id, verdict)
    image = f"image {verdict.sha256[:_SHOWN_OF_HASH]}"
    label = f" {verdict.label}" if verdict.label is not None else ""
    words = image if action is Action.UNDO_ANNOTATION else f"{image}: {verdict.status.value}{label}"
    record_event(store, actor, action, session_id, words)


def set_true_labels(store: Store, actor: Actor, session_id: str, sha256s: Sequence[str], label: str | None) -> None:
    """Settle what these images show; None takes back what was settled. Raises RoleMissing and ReviewDone."""
    action = Action.CLEAR_TRUE_LABEL if label is None else Action.SET_TRUE_LABEL
    authorize(store, actor, action, session_id)
    store.annotations.set_true_labels(session_id, sha256s, label, actor.name, datetime.now(UTC))
    which = format_count(len(sha256s), "image") if len(sha256s) > 1 else f"image {sha256s[0][:_SHOWN_OF_HASH]}"
    record_event(store, actor, action, session_id, which if label is None else f"{which}: {label}")


def change_review(store: Store, actor: Actor, session_id: str, change: Callable[[Review], Review]) -> Review:
    """Change how the session is reviewed, as that is kept now. Raises RoleMissing and ReviewDone."""
    authorize(store, actor, Action.CHANGE_REVIEW, session_id)
    before = store.annotations.get_review(session_id)
    if before.status is ReviewStatus.DONE:
        raise ReviewDone("This review is signed off. Reopen it to change its settings.")
    review = change(before)
    store.annotations.set_review(session_id, review)
    record_event(store, actor, Action.CHANGE_REVIEW, session_id, _describe_change(before, review))
    return review


def sign_off_review(store: Store, actor: Actor, session_id: str) -> Review:
    """Let nobody change any more what was said of the session. Raises RoleMissing and ReviewDone."""
    authorize(store, actor, Action.SIGN_OFF, session_id)
    before = store.annotations.get_review(session_id)
    if before.status is ReviewStatus.DONE:
        raise ReviewDone("This review is signed off already.")
    now = datetime.now(UTC)
    review = replace(before, status=ReviewStatus.DONE, signed_off_by=actor.name, signed_off_at=now)
    store.annotations.set_review(session_id, review)
    record_event(store, actor, Action.SIGN_OFF, session_id, f"rule: {review.rule.value}")
    return review


def reopen_review(store: Store, actor: Actor, session_id: str) -> Review:
    """Let the session be reviewed on. Raises RoleMissing."""
    authorize(store, actor, Action.REOPEN, session_id)
    before = store.annotations.get_review(session_id)
    review = replace(before, status=ReviewStatus.IN_REVIEW, signed_off_by="", signed_off_at=None)
    store.annotations.set_review(session_id, review)
    by = f"it was signed off by {before.signed_off_by or 'somebody'}" if before.signed_off_at else ""
    record_event(store, actor, Action.REOPEN, session_id, by)
    return review


def _describe_change(before: Review, after: Review) -> str:
    changes = [
        (before.rule != after.rule, f"rule: {before.rule.value} → {after.rule.value}"),
        (before.blind != after.blind, f"blind: {'on' if after.blind else 'off'}"),
        (before.note != after.note, f"note: {after.note}"),
        (before.seed != after.seed, "order drawn anew"),
    ]
    return "; ".join(words for is_changed, words in changes if is_changed)
