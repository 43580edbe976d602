"""The Review page: reviewers annotate a session's images one at a time; a rule turns annotations into ground truth."""

import streamlit as st

from lib.domain.reviews import Review, ReviewStatus
from lib.domain.sessions import Session
from lib.ui.addresses import COMPARE, PREDICT, session_address
from lib.ui.frame import Page, Shows, open_page
from lib.ui.review.annotation_panel import ReviewPanel, show_panel
from lib.ui.review.assigned_images import show_assigned
from lib.ui.review.conflicts import is_resolving, offer_conflicts, show_conflict
from lib.ui.review.review_queue import Queue, choose_order, find_queue, forget_queue, show_review_progress
from lib.ui.review.review_settings import choose_reviewer_name, describe_review, show_settings
from lib.ui.review.reviewer_agreement import show_agreement, show_reviewed_counts
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_name
from lib.workflows.blind_reviews import hides_predictions
from lib.workflows.open_items import find_undecided

REMAINING_KEY = "remaining-images"


def show_review(page: Page, session: Session) -> None:
    """Show the review's settings, the image to annotate or to resolve, and how well reviewers agree."""
    review = page.store.reviews.get(session.id)
    with st.expander(escape_markdown(describe_review(review))):
        show_settings(page.store, session.id, review)
        order = choose_order(review)
    show_reviewed_counts(page.store, session.id, session.image_count)
    show_assigned(page.store, session.id, review)
    reviewer = find_name()
    # What others said would lead a reviewer who has images left in a blind review.
    is_hidden = hides_predictions(page.store, session.id, reviewer)
    undecided = None if is_hidden else find_undecided(page.store, session.id)
    if review.status is ReviewStatus.DONE:
        st.info("This review is signed off. Reopen it to continue.", icon=":material/verified:")
    elif not reviewer:
        choose_reviewer_name()
    elif undecided and is_resolving(session.id):
        show_conflict(page, session.id, undecided.images)
    else:
        annotate_images(page, session, review, find_queue(page, session.id, reviewer, order))
        if undecided and undecided.images:
            offer_conflicts(session.id, undecided)
    if not is_hidden:
        show_agreement(page.store, session.id)


def annotate_images(page: Page, session: Session, review: Review, queue: Queue) -> None:
    """Show the current image of the reviewer's queue, or what to do at the end of it."""
    show_review_progress(page.store, session, queue)
    if queue.current is None:
        st.success("No images left to review.", icon=":material/done_all:")
        st.page_link(
            COMPARE, label="See comparison", icon=":material/balance:", query_params=session_address(session.id)
        )
        st.button("Show remaining images", key=REMAINING_KEY, on_click=forget_queue)
        return
    image = page.store.images.get(session.id, queue.current)
    show_panel(ReviewPanel(page, session.id, queue.reviewer, review, queue), image)


with open_page("Review", shows=Shows.IMAGES) as page:
    if page.session and page.session.image_count:
        show_review(page, page.session)
    else:
        st.markdown("Review the images of a session one at a time. Open a session with images first.")
        st.page_link(PREDICT, label="Upload images", icon=":material/photo_camera:")
