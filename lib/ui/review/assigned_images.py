"""Assignment of images to reviewers: the settings, and a table of how much each has reviewed."""

from dataclasses import replace

import streamlit as st

from lib.domain.assignment import Assignment
from lib.domain.reviews import Review
from lib.store import Store
from lib.ui.review.review_queue import forget_queue
from lib.ui.visitor import find_actor, makes_change
from lib.workflows.blind_reviews import find_reviewed
from lib.workflows.reviews import change_review

REVIEWERS_KEY, COUNT_KEY = "assigned-reviewers", "reviewers-per-image"
_MAX_REVIEWERS = 10


def choose_assignment(store: Store, session_id: str, review: Review, *, done: bool) -> None:
    """Ask for the reviewers and for how many of them review each image."""
    assignment = review.assignment
    for key, stored in ((REVIEWERS_KEY, ", ".join(assignment.reviewers)), (COUNT_KEY, assignment.reviewers_per_image)):
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
            _MAX_REVIEWERS,
            key=COUNT_KEY,
            disabled=done or not assignment.reviewers,
            on_change=_change,
            args=(store, session_id),
            width=180,
        )


@makes_change
def _change(store: Store, session_id: str) -> None:
    names = (name.strip() for name in str(st.session_state[REVIEWERS_KEY] or "").split(","))
    assignment = Assignment(tuple(dict.fromkeys(name for name in names if name)), int(st.session_state[COUNT_KEY]))
    change_review(store, find_actor(), session_id, lambda review: replace(review, assignment=assignment))
    forget_queue()


def show_assigned(store: Store, session_id: str, review: Review) -> None:
    """Draw how many images are assigned to each reviewer, and how many of them are reviewed."""
    if not review.assignment.reviewers:
        return
    places = store.reviews.find_places(session_id)
    assigned = {name: review.assignment.find_images(places, name) for name in review.assignment.reviewers}
    done = {name: len(own & find_reviewed(store, session_id, name)) for name, own in assigned.items()}
    st.dataframe(
        {
            "Reviewer": list(assigned),
            "Images": [len(own) for own in assigned.values()],
            "Reviewed": list(done.values()),
            "Left": [len(own) - done[name] for name, own in assigned.items()],
        },
        hide_index=True,
        alt=f"Images of {len(assigned)} reviewers",
    )
