"""How a session is reviewed: chosen by one, seen by all."""

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from lib.domain.deed import Action
from lib.domain.person import Role
from lib.domain.review import QueueOrder, Review, ReviewStatus, TruthRule
from lib.store import Store
from lib.ui.log import note
from lib.ui.review.queue import forget_queue
from lib.ui.sign_in.rights import needs
from lib.ui.visitor import find_name
from lib.ui.words import plain, say_exactly

RULE_KEY = "truth-rule"
BLIND_KEY = "blind-review"
NOTE_KEY = "review-note"
ORDER_KEY = "queue"
EVERYTHING_KEY = "everything"
SIGN_OFF_KEY = "sign-off"
REOPEN_KEY = "reopen-review"


def choose_way(store: Store, session_id: str) -> Review:
    """Show how the session is reviewed, and let it be changed as long as nobody signed it off."""
    review = store.get_review(session_id)
    done = review.status is ReviewStatus.DONE
    with st.expander(plain(_say_way(review))):
        rule = st.selectbox(
            "A label is the truth by",
            [rule.value for rule in TruthRule],
            index=list(TruthRule).index(review.rule),
            key=RULE_KEY,
            disabled=done,
        )
        blind = st.toggle(
            "Blind: reviewers see neither predictions nor names of versions before they are done",
            review.blind,
            key=BLIND_KEY,
            disabled=done,
        )
        note = st.text_area("Note on this session", review.note, key=NOTE_KEY, disabled=done, max_chars=2000)
        chosen = replace(review, rule=TruthRule(rule), blind=blind, note=note.strip())
        if chosen != review and not done:
            _keep(store, session_id, chosen)
            st.rerun()
        _offer_status(store, session_id, review)
    return review


def choose_order(review: Review) -> tuple[QueueOrder, bool]:
    """Ask in what order to go through the images, and whether through those that one has judged already."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = QueueOrder.RANDOM
        if not review.blind:
            names = [order.value for order in QueueOrder]
            order = QueueOrder(st.selectbox("Order", names, key=ORDER_KEY, bind="query-params", width=220))
        everything = st.toggle("Also what I have judged already", key=EVERYTHING_KEY, bind="query-params")
    return order, everything


def _say_way(review: Review) -> str:
    way = f"{review.status.value.capitalize()}{', blind' if review.blind else ''}. The truth: {review.rule.value}"
    if review.signed_off_at is None:
        return way
    return f"{way}. Signed off by {review.signed_off_by or 'somebody'}, {say_exactly(review.signed_off_at)}"


def _offer_status(store: Store, session_id: str, review: Review) -> None:
    if review.status is ReviewStatus.DONE:
        again = replace(review, status=ReviewStatus.IN_REVIEW, signed_off_by="", signed_off_at=None)
        st.button("Open again", key=REOPEN_KEY, on_click=_keep, args=(store, session_id, again))
    else:
        st.button("Sign off", key=SIGN_OFF_KEY, on_click=_sign_off, args=(store, session_id, review))


def _sign_off(store: Store, session_id: str, review: Review) -> None:
    signed = replace(review, status=ReviewStatus.DONE, signed_off_by=find_name(), signed_off_at=datetime.now(UTC))
    _keep(store, session_id, signed)


@needs(Role.REVIEWER)
def _keep(store: Store, session_id: str, review: Review) -> None:
    store.set_review(session_id, review)
    note(Action.REVIEW, session_id, _say_way(review))
    forget_queue()
