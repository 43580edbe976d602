"""Dealing a session out to reviewers: the settings, and a table of who has done how much."""

from dataclasses import replace

import streamlit as st

from lib.domain.dealing import Dealing
from lib.domain.permissions import Action
from lib.domain.reviews import Review
from lib.store import Store
from lib.ui.review.review_queue import forget_queue
from lib.ui.visitor import find_actor, needs
from lib.workflows.annotations import change_review
from lib.workflows.blind_reviews import find_reviewed

REVIEWERS_KEY, WORDS_KEY = "dealt-reviewers", "dealt-words"
_MAX_WORDS = 10


def choose_dealing(store: Store, session_id: str, review: Review, *, done: bool) -> None:
    """Ask for the reviewers and for how many of them review each image."""
    dealing = review.dealing
    for key, stored in ((REVIEWERS_KEY, ", ".join(dealing.reviewers)), (WORDS_KEY, dealing.words)):
        if st.session_state.get(key) != stored:
            st.session_state[key] = stored
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Reviewers, separated by commas",
            key=REVIEWERS_KEY,
            max_chars=1000,
            disabled=done,
            on_change=_change,
            args=(store, session_id),
            placeholder="Everyone reviews all images",
            help="Names or verified addresses. Each image goes to some of them at random, and every tenth to one more.",
        )
        st.number_input(
            "Reviewers per image",
            1,
            _MAX_WORDS,
            key=WORDS_KEY,
            disabled=done or not dealing.reviewers,
            on_change=_change,
            args=(store, session_id),
            width=180,
        )


@needs(Action.CHANGE_REVIEW)
def _change(store: Store, session_id: str) -> None:
    names = (name.strip() for name in str(st.session_state[REVIEWERS_KEY] or "").split(","))
    dealing = Dealing(tuple(dict.fromkeys(name for name in names if name)), int(st.session_state[WORDS_KEY]))
    change_review(store, find_actor(), session_id, lambda review: replace(review, dealing=dealing))
    forget_queue()


def show_dealt(store: Store, session_id: str, review: Review) -> None:
    """Draw how many images each reviewer was dealt and has done."""
    if not review.dealing.reviewers:
        return
    places = store.reviews.find_places(session_id)
    dealt = {name: review.dealing.find_dealt(places, name) for name in review.dealing.reviewers}
    done = {name: len(own & find_reviewed(store, session_id, name)) for name, own in dealt.items()}
    st.dataframe(
        {
            "Reviewer": list(dealt),
            "Images": [len(own) for own in dealt.values()],
            "Reviewed": list(done.values()),
            "Left": [len(own) - done[name] for name, own in dealt.items()],
        },
        hide_index=True,
        alt=f"Images of {len(dealt)} reviewers",
    )
