"""Settings of a review that all reviewers share, its sign-off, and the name of the reviewer."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from lib.domain.annotations import GroundTruthRule
from lib.domain.reviews import Review, ReviewMode, ReviewStatus
from lib.store import Store
from lib.ui.comparison_settings import MARGIN_LABEL, MOST_POINTS
from lib.ui.review.assigned_images import choose_assignment
from lib.ui.review.review_queue import forget_queue
from lib.ui.text import ANONYMOUS, escape_markdown, format_exact_time
from lib.ui.visitor import NAME_KEY, find_actor, makes_change
from lib.web.sign_in import is_on
from lib.workflows.open_items import describe_open_items, find_open_items
from lib.workflows.reviews import change_review, reopen_review, sign_off_review

REVIEWER_KEY = "reviewer-name"
RULE_KEY = "truth-rule"
MODE_KEY = "review-mode"
NOTE_KEY = "review-note"
REVIEW_THRESHOLD_KEY, REVIEW_MARGIN_KEY = "review-threshold", "review-margin"
SIGN_OFF_KEY = "sign-off"
CONFIRM_SIGN_OFF_KEY, CANCEL_SIGN_OFF_KEY = "confirm-sign-off", "cancel-sign-off"
REOPEN_KEY = "reopen-review"

_MODES = {
    ReviewMode.CHOOSE.value: "Choose: labels of the versions, without names and scores",
    ReviewMode.BLIND.value: "Blind: no labels",
    ReviewMode.OPEN.value: "Open: names, labels and scores, to explore",
}


def show_settings(store: Store, session_id: str, review: Review) -> None:
    """Draw the settings of the review, which can be changed until it is signed off, and the sign-off."""
    _refresh_widgets(review)
    _choose_settings(store, session_id, review)
    _offer_sign_off(store, session_id, review)


def _refresh_widgets(review: Review) -> None:
    """Set the widgets to the stored settings, which another reviewer may have changed in the meantime."""
    stored_values: dict[str, str | float] = {
        RULE_KEY: review.rule.value,
        MODE_KEY: review.mode.value,
        NOTE_KEY: review.note,
        REVIEW_THRESHOLD_KEY: review.threshold,
        REVIEW_MARGIN_KEY: review.margin * 100,
    }
    for key, stored in stored_values.items():
        if st.session_state.get(key) != stored:
            st.session_state[key] = stored


def _choose_settings(store: Store, session_id: str, review: Review) -> None:
    done = review.status is ReviewStatus.DONE
    st.selectbox(
        "Ground-truth rule",
        [rule.value for rule in GroundTruthRule],
        key=RULE_KEY,
        disabled=done,
        on_change=_change,
        args=(store, session_id, _with_chosen_rule),
    )
    st.selectbox(
        "Mode",
        [mode.value for mode in ReviewMode],
        key=MODE_KEY,
        disabled=done,
        format_func=_MODES.__getitem__,
        on_change=_change,
        args=(store, session_id, _with_chosen_mode),
    )
    if review.is_blind:
        st.caption(escape_markdown(_describe_blind(review)))
    _choose_thresholds(store, session_id, done=done)
    choose_assignment(store, session_id, review, done=done)
    st.text_area(
        "Note on this session",
        key=NOTE_KEY,
        disabled=done,
        max_chars=2000,
        on_change=_change,
        args=(store, session_id, _with_typed_note),
    )


def _choose_thresholds(store: Store, session_id: str, *, done: bool) -> None:
    """Ask for what the verdict depends on, which must not be chosen after its labels are known."""
    is_fixed = done or store.reviews.has_labels(session_id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Score threshold",
            0.0,
            1.0,
            step=0.05,
            key=REVIEW_THRESHOLD_KEY,
            disabled=is_fixed,
            on_change=_change,
            args=(store, session_id, _with_threshold),
            width=220,
        )
        st.number_input(
            MARGIN_LABEL,
            0.0,
            MOST_POINTS,
            step=0.5,
            key=REVIEW_MARGIN_KEY,
            disabled=is_fixed,
            on_change=_change,
            args=(store, session_id, _with_margin),
            width=280,
        )
    st.caption("Chosen before labeling: the first label fixes both.")


def _with_threshold(review: Review) -> Review:
    return replace(review, threshold=float(st.session_state[REVIEW_THRESHOLD_KEY]))


def _with_margin(review: Review) -> Review:
    return replace(review, margin=float(st.session_state[REVIEW_MARGIN_KEY]) / 100)


def _describe_blind(review: Review) -> str:
    who = f"{review.mode_set_by} and admins" if review.mode_set_by else "Admins"
    text = f"Predictions appear after you have reviewed all images. {who} can change the mode; the audit log shows it."
    return text if is_on() else f"{text} Without sign-in, blind review is a courtesy: anyone can type any name."


def _with_chosen_rule(review: Review) -> Review:
    return replace(review, rule=GroundTruthRule(st.session_state[RULE_KEY]))


def _with_chosen_mode(review: Review) -> Review:
    return replace(review, mode=ReviewMode(st.session_state[MODE_KEY]))


def _with_typed_note(review: Review) -> Review:
    return replace(review, note=str(st.session_state[NOTE_KEY] or "").strip())


_STATUS = {
    ReviewStatus.OPEN: "Not signed off",
    ReviewStatus.IN_REVIEW: "Reopened",
    ReviewStatus.DONE: "Signed off",
}


def describe_review(review: Review) -> str:
    """Describe status, mode, rule and sign-off of a review in one line."""
    text = f"{_STATUS[review.status]}. Mode: {review.mode.value}. Ground-truth rule: {review.rule.value}"
    if review.signed_off_at is None:
        return text
    return f"{text}. Signed off by {review.signed_off_by or ANONYMOUS}, {format_exact_time(review.signed_off_at)}"


def _offer_sign_off(store: Store, session_id: str, review: Review) -> None:
    if review.status is ReviewStatus.DONE:
        st.button("Reopen", key=REOPEN_KEY, on_click=_reopen, args=(store, session_id))
        return
    is_open = any(describe_open_items(find_open_items(store, session_id)))
    if not is_open:
        st.button("Sign off", key=SIGN_OFF_KEY, on_click=_sign_off, args=(store, session_id))
    elif st.button("Sign off", key=SIGN_OFF_KEY):
        _confirm_sign_off(store, session_id)


@st.dialog("Sign off with open items?")
def _confirm_sign_off(store: Store, session_id: str) -> None:
    for item in describe_open_items(find_open_items(store, session_id)):
        st.markdown(escape_markdown(f"– {item}"))
    with st.container(horizontal=True):
        st.button("Sign off", type="primary", key=CONFIRM_SIGN_OFF_KEY, on_click=_sign_off, args=(store, session_id))
        st.button("Cancel", key=CANCEL_SIGN_OFF_KEY)
    if st.session_state[CONFIRM_SIGN_OFF_KEY] or st.session_state[CANCEL_SIGN_OFF_KEY]:
        st.rerun()  # closes the dialog


@makes_change
def _sign_off(store: Store, session_id: str) -> None:
    sign_off_review(store, find_actor(), session_id)
    forget_queue()


@makes_change
def _reopen(store: Store, session_id: str) -> None:
    reopen_review(store, find_actor(), session_id)
    forget_queue()


@makes_change
def _change(store: Store, session_id: str, change: Callable[[Review], Review]) -> None:
    """Change one setting of the stored review, which may differ from the one on the page."""
    change_review(store, find_actor(), session_id, change)
    forget_queue()


def choose_reviewer_name() -> None:
    """Ask for the reviewer's name, which is kept for the visit."""

    def store_name() -> None:
        st.session_state[NAME_KEY] = st.session_state[REVIEWER_KEY]

    st.text_input("Reviewer name", key=REVIEWER_KEY, max_chars=60, on_change=store_name)
