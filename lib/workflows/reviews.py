"""The settings of a review, and its sign-off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lib.domain.assignment import Assignment
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


def change_review(store: Store, actor: Actor, session_id: str, change: Callable[[Review], Review]) -> Review:
    """Change the settings of a review. `change` gets the stored ones. Raises RoleMissing and ReviewDone."""
    authorize(store, actor, Action.CHANGE_REVIEW, session_id)
    before = store.reviews.get(session_id)
    if before.status is ReviewStatus.DONE:
        raise ReviewDone("This review is signed off. Reopen it to change its settings.")
    review = change(before)
    if (review.mode, review.assignment) != (before.mode, before.assignment):
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
    reason = f"Only {who} can change the mode of this blind review, assign its images, or sign it off."
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


def _describe_assignment(assignment: Assignment) -> str:
    if not assignment.reviewers:
        return "everyone reviews all images"
    reviewers = format_count(assignment.reviewers_per_image, "reviewer")
    return f"assigned to {', '.join(assignment.reviewers)}, {reviewers} per image"


def _list_groups(groups: Sequence[Sequence[str]]) -> str:
    return "; ".join(" = ".join(group) for group in groups) or "none"


def _describe_change(before: Review, after: Review) -> str:
    changes = [
        (before.rule != after.rule, f"rule: {before.rule.value} → {after.rule.value}"),
        (before.mode != after.mode, f"mode: {before.mode.value} → {after.mode.value}"),
        (before.note != after.note, f"note: {after.note}"),
        (before.threshold != after.threshold, f"score threshold: {after.threshold:.2f}"),
        (before.same_labels != after.same_labels, f"labels treated as the same: {_list_groups(after.same_labels)}"),
        (before.assignment != after.assignment, _describe_assignment(after.assignment)),
        (before.margin != after.margin, f"margin: {after.margin * 100:g} points"),
    ]
    return "; ".join(text for is_changed, text in changes if is_changed)
