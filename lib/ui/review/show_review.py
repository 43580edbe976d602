"""A review: who judges, how, one image after the other, and what comes out of it."""

from datetime import timedelta

import humanize
import streamlit as st

from lib.domain.annotations import Review, ReviewStatus, find_latest
from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.frame import Page, hides_versions
from lib.ui.review.queue import Queue, find_queue, find_seconds_left, forget_queue
from lib.ui.review.set_up import choose_order, choose_way
from lib.ui.review.show_item import ReviewPanel, show_item
from lib.ui.review.show_results import show_counts, show_results
from lib.ui.text import escape_markdown
from lib.ui.visitor import NAME_KEY, find_name

START_KEY = "start-review"
ASKED_NAME_KEY = "reviewer-name"
AGAIN_KEY = "line-up-again"


def show_review(page: Page, session: Session) -> None:
    """Everything about the review of one session."""
    review = choose_way(page.store, session.id)
    show_counts(page.store, session.id, session.image_count)
    reviewer = find_name()
    if review.status is ReviewStatus.DONE:
        st.info("This review is signed off. Reopen it to continue.", icon=":material/verified:")
    elif not reviewer:
        _ask_for_name()
    else:
        _go_through(page, session, review, reviewer)
    if not (review.blind and hides_versions(page.store, session)):
        show_results(page.store, session.id, review)


def _ask_for_name() -> None:
    def take_name() -> None:
        st.session_state[NAME_KEY] = st.session_state[ASKED_NAME_KEY]

    st.text_input("Reviewer name", key=ASKED_NAME_KEY, max_chars=60, on_change=take_name)


def _go_through(page: Page, session: Session, review: Review, reviewer: str) -> None:
    order, everything = choose_order(review)
    queue = find_queue(page.store, session.id, reviewer, order, everything=everything)
    _show_progress(page.store, session, queue, reviewer)
    if queue.current is None:
        st.success("No images left to review.", icon=":material/done_all:")
        st.button("Show remaining images", key=AGAIN_KEY, on_click=forget_queue)
        return
    image = page.store.images.get(session.id, queue.current)
    show_item(ReviewPanel(page, session.id, reviewer, review, queue), image)


def _show_progress(store: Store, session: Session, queue: Queue, reviewer: str) -> None:
    said = store.annotations.find(session.id)
    mine = [verdict for verdict in said if verdict.reviewer == reviewer and not verdict.resolves]
    done = sum(who == reviewer for _, who in find_latest(said))
    left_s = find_seconds_left(mine, len(queue.images) - queue.place)
    left = f", about {humanize.precisedelta(timedelta(seconds=round(left_s)))} left" if left_s else ""
    share = done / session.image_count if session.image_count else 0.0
    st.progress(min(1.0, share), text=escape_markdown(f"{done:,} of {session.image_count:,}{left}"))
