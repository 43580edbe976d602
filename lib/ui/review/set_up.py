"""How a session is reviewed: chosen by one, seen by all."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from lib.domain.annotations import GroundTruthRule, QueueOrder, Review, ReviewStatus
from lib.domain.audit import Action
from lib.store import Store
from lib.ui.review.queue import forget_queue
from lib.ui.text import ANONYMOUS, escape_markdown, format_exact_time
from lib.ui.visitor import find_actor, needs
from lib.workflows.annotations import change_review, reopen_review, sign_off_review

RULE_KEY = "truth-rule"
BLIND_KEY = "blind-review"
NOTE_KEY = "review-note"
ORDER_KEY = "queue"
EVERYTHING_KEY = "everything"
SIGN_OFF_KEY = "sign-off"
REOPEN_KEY = "reopen-review"


def choose_way(store: Store, session_id: str) -> Review:
    """Show how the session is reviewed, and let it be changed as long as nobody signed it off."""
    review = store.annotations.get_review(session_id)
    _show_what_is_kept(review)
    with st.expander(escape_markdown(_describe_way(review))):
        _ask_for_way(store, session_id, done=review.status is ReviewStatus.DONE)
        _offer_status(store, session_id, review)
    return review


def _ask_for_way(store: Store, session_id: str, *, done: bool) -> None:
    st.selectbox(
        "Ground-truth rule",
        [rule.value for rule in GroundTruthRule],
        key=RULE_KEY,
        disabled=done,
        on_change=_change,
        args=(store, session_id, _with_chosen_rule),
    )
    st.toggle(
        "Blind review: hide predictions and version names until a reviewer is done",
        key=BLIND_KEY,
        disabled=done,
        on_change=_change,
        args=(store, session_id, _with_chosen_blindness),
    )
    st.text_area(
        "Note on this session",
        key=NOTE_KEY,
        disabled=done,
        max_chars=2000,
        on_change=_change,
        args=(store, session_id, _with_given_note),
    )


def _show_what_is_kept(review: Review) -> None:
    """Have the questions show what is kept: somebody else may have changed it since this tab was drawn."""
    for key, kept in ((RULE_KEY, review.rule.value), (BLIND_KEY, review.blind), (NOTE_KEY, review.note)):
        if st.session_state.get(key) != kept:
            st.session_state[key] = kept


def _with_chosen_rule(review: Review) -> Review:
    return replace(review, rule=GroundTruthRule(st.session_state[RULE_KEY]))


def _with_chosen_blindness(review: Review) -> Review:
    return replace(review, blind=bool(st.session_state[BLIND_KEY]))


def _with_given_note(review: Review) -> Review:
    return replace(review, note=str(st.session_state[NOTE_KEY] or "").strip())


def choose_order(review: Review) -> tuple[QueueOrder, bool]:
    """Ask in what order to go through the images, and whether through those that one has judged already."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = QueueOrder.RANDOM
        if not review.blind:
            names = [order.value for order in QueueOrder]
            order = QueueOrder(st.selectbox("Order", names, key=ORDER_KEY, bind="query-params", width=220))
        everything = st.toggle("Include images I reviewed", key=EVERYTHING_KEY, bind="query-params")
    return order, everything


def _describe_way(review: Review) -> str:
    way = (
        f"{review.status.value.capitalize()}{', blind' if review.blind else ''}. Ground-truth rule: {review.rule.value}"
    )
    if review.signed_off_at is None:
        return way
    return f"{way}. Signed off by {review.signed_off_by or ANONYMOUS}, {format_exact_time(review.signed_off_at)}"


def _offer_status(store: Store, session_id: str, review: Review) -> None:
    if review.status is ReviewStatus.DONE:
        st.button("Open again", key=REOPEN_KEY, on_click=_open_again, args=(store, session_id))
    else:
        st.button("Sign off", key=SIGN_OFF_KEY, on_click=_sign_off, args=(store, session_id))


@needs(Action.SIGN_OFF)
def _sign_off(store: Store, session_id: str) -> None:
    sign_off_review(store, find_actor(), session_id)
    forget_queue()


@needs(Action.REOPEN)
def _open_again(store: Store, session_id: str) -> None:
    reopen_review(store, find_actor(), session_id)
    forget_queue()


@needs(Action.CHANGE_REVIEW)
def _change(store: Store, session_id: str, change: Callable[[Review], Review]) -> None:
    """Change one thing of the review as it is kept now, which may be another than this tab shows."""
    change_review(store, find_actor(), session_id, change)
    forget_queue()
