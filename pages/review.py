"""The Review page: reviewers annotate a session's images one at a time; a rule turns annotations into ground truth."""

import streamlit as st

from lib.domain.reviews import Review, ReviewStatus
from lib.domain.sessions import Session
from lib.ui.addresses import PREDICT
from lib.ui.frame import Page, Shows, open_page
from lib.ui.review.annotation_panel import ReviewPanel, show_panel
from lib.ui.review.review_queue import choose_order, find_queue, forget_queue, show_review_progress
from lib.ui.review.review_settings import choose_review, choose_reviewer_name
from lib.ui.review.reviewer_agreement import show_agreement, show_reviewed_counts
from lib.ui.visitor import find_name
from lib.workflows.blind_reviews import hides_predictions

REMAINING_KEY = "line-up-again"


def show_review(page: Page, session: Session) -> None:
    """Show the review's settings, the image to annotate, and how well reviewers agree."""
    review = choose_review(page.store, session.id)
    show_reviewed_counts(page.store, session.id, session.image_count)
    reviewer = find_name()
    if review.status is ReviewStatus.DONE:
        st.info("This review is signed off. Reopen it to continue.", icon=":material/verified:")
    elif reviewer:
        annotate_images(page, session, review, reviewer)
    else:
        choose_reviewer_name()
    if not hides_predictions(page.store, session.id, reviewer):
        show_agreement(page.store, session.id, review)


def annotate_images(page: Page, session: Session, review: Review, reviewer: str) -> None:
    """Show the current image of the reviewer's queue, or what to do at the end of it."""
    order, everything = choose_order(review)
    queue = find_queue(page, session.id, reviewer, order, everything=everything)
    show_review_progress(page.store, session, queue, reviewer)
    if queue.current is None:
        st.success("No images left to review.", icon=":material/done_all:")
        st.button("Show remaining images", key=REMAINING_KEY, on_click=forget_queue)
        return
    image = page.store.images.get(session.id, queue.current)
    show_panel(ReviewPanel(page, session.id, reviewer, review, queue), image)


with open_page("Review", shows=Shows.IMAGES) as page:
    if page.session and page.session.image_count:
        show_review(page, page.session)
    else:
        st.markdown("Review the images of a session one at a time. Open a session with images first.")
        st.page_link(PREDICT, label="Upload images", icon=":material/photo_camera:")
