"""Annotations, true labels, the must-not-regress set, and the settings and sign-off of a review."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lib.domain.annotations import Annotation, AnnotationStatus, TrueLabel
from lib.domain.dealing import Dealing
from lib.domain.people import Actor, Role
from lib.domain.permissions import Action
from lib.domain.predictions import ModelVersion
from lib.domain.reviews import Review, ReviewStatus
from lib.domain.wording import format_count
from lib.errors import ReviewDone, RoleMissing
from lib.store import Store
from lib.workflows.authorization import authorize, record_denial, record_event
from lib.workflows.compare import ComparisonSettings, find_comparisons
from lib.workflows.comparison_texts import describe_comparison

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


def change_review(store: Store, actor: Actor, session_id: str, change: Callable[[Review], Review]) -> Review:
    """Change the settings of a review. `change` gets the stored ones. Raises RoleMissing and ReviewDone."""
    authorize(store, actor, Action.CHANGE_REVIEW, session_id)
    before = store.reviews.get(session_id)
    if before.status is ReviewStatus.DONE:
        raise ReviewDone("This review is signed off. Reopen it to change its settings.")
    review = change(before)
    if (review.mode, review.dealing) != (before.mode, before.dealing):
        _check_may_end_blindness(store, actor, Action.CHANGE_REVIEW, session_id, before)
    if review.mode is not before.mode:
        review = replace(review, mode_set_by=actor.name)
    store.reviews.change(session_id, review)
    record_event(store, actor, Action.CHANGE_REVIEW, session_id, _describe_change(before, review))
    return review


def _check_may_end_blindness(store: Store, actor: Actor, action: Action, session_id: str, review: Review) -> None:
    """Raise RoleMissing if the review is blind, and the actor neither made it blind nor is an admin.

    Another mode, other images for a reviewer, and a sign-off show predictions to people who have images left.
    """
    if not review.is_blind or actor.role is Role.ADMIN or actor.name == review.mode_set_by:
        return
    who = f"{review.mode_set_by} and admins" if review.mode_set_by else "admins"
    reason = f"Only {who} can change the mode of this blind review, deal it out, or sign it off."
    record_denial(store, actor, action, session_id, reason)
    raise RoleMissing(reason)


def sign_off_review(store: Store, actor: Actor, session_id: str) -> Review:
    """Sign off the review, after which annotations cannot be changed. Raises RoleMissing and ReviewDone."""
    authorize(store, actor, Action.SIGN_OFF, session_id)
    before = store.reviews.get(session_id)
    if before.status is ReviewStatus.DONE:
        raise ReviewDone("This review is already signed off.")
    _check_may_end_blindness(store, actor, Action.SIGN_OFF, session_id, before)
    review = replace(
        before,
        status=ReviewStatus.DONE,
        signed_off_by=actor.name,
        signed_off_at=datetime.now(UTC),
        signed_verdicts=tuple(_describe_verdicts(store, session_id, before)),
    )
    store.reviews.change(session_id, review)
    record_event(store, actor, Action.SIGN_OFF, session_id, f"rule: {review.rule.value}")
    return review


def _describe_verdicts(store: Store, session_id: str, review: Review) -> Iterator[str]:
    """Describe the verdicts on all versions of the family predicted last; that requested first is the baseline."""
    latest = store.predictions.find_latest_family(session_id)
    versions = {_name_version(version, latest): version for version in latest}
    settings = ComparisonSettings(session_id, review.threshold, review.margin)
    yield from map(describe_comparison, find_comparisons(store, versions, settings) if versions else [])


def _name_version(version: ModelVersion, all_versions: Sequence[ModelVersion]) -> str:
    is_unique = sum(other.version == version.version for other in all_versions) == 1
    return version.version if is_unique else f"{version.version} ({version.model_id})"


def reopen_review(store: Store, actor: Actor, session_id: str) -> Review:
    """Reopen a review that was signed off. Raises RoleMissing."""
    authorize(store, actor, Action.REOPEN, session_id)
    before = store.reviews.get(session_id)
    review = replace(before, status=ReviewStatus.IN_REVIEW, signed_off_by="", signed_off_at=None, signed_verdicts=())
    store.reviews.change(session_id, review)
    by = f"it was signed off by {before.signed_off_by or 'somebody'}" if before.signed_off_at else ""
    record_event(store, actor, Action.REOPEN, session_id, by)
    return review


def _describe_images(sha256s: Sequence[str]) -> str:
    return format_count(len(sha256s), "image") if len(sha256s) > 1 else f"image {sha256s[0][:_SHOWN_OF_HASH]}"


def _describe_dealing(dealing: Dealing) -> str:
    if not dealing.reviewers:
        return "everybody reviews all images"
    return f"dealt out to {', '.join(dealing.reviewers)}, {format_count(dealing.words, 'reviewer')} an image"


def _list_groups(groups: Sequence[Sequence[str]]) -> str:
    return "; ".join(" = ".join(group) for group in groups) or "none"


def _describe_change(before: Review, after: Review) -> str:
    changes = [
        (before.rule != after.rule, f"rule: {before.rule.value} → {after.rule.value}"),
        (before.mode != after.mode, f"mode: {before.mode.value} → {after.mode.value}"),
        (before.note != after.note, f"note: {after.note}"),
        (before.threshold != after.threshold, f"score threshold: {after.threshold:.2f}"),
        (before.same_labels != after.same_labels, f"labels treated as the same: {_list_groups(after.same_labels)}"),
        (before.dealing != after.dealing, _describe_dealing(after.dealing)),
        (before.margin != after.margin, f"margin: {after.margin * 100:g} points"),
    ]
    return "; ".join(text for is_changed, text in changes if is_changed)
