"""The Predict page: add images, predict them with the chosen versions, and see the scores."""

import streamlit as st

from lib.domain.jobs import JobKind
from lib.domain.sessions import Session
from lib.ui.addresses import HISTORY
from lib.ui.cards import CARDS_PER_PAGE, choose_cards, choose_display_options, show_cards
from lib.ui.deployment_controls import offer_missing_deployments
from lib.ui.frame import Page, open_page
from lib.ui.job_controls import find_running_job, offer_predictions, offer_unfinished, show_progress, start_predictions
from lib.ui.predict.image_intake import choose_images, show_file_errors
from lib.ui.text import NO_VERSION


def add_images(page: Page) -> None:
    """Ask for images and start predicting them with the chosen versions."""
    offer_missing_deployments(page.versions.values())
    if page.versions:
        start_predictions(page, choose_images())
    else:
        st.info(NO_VERSION)


def show_session(page: Page, session: Session) -> None:
    """Show progress or missing predictions, files that could not be added, and the cards."""
    job = find_running_job(JobKind.PREDICTION, session.id)
    status = st.container()
    show_file_errors(page.store, session.id)
    options = choose_display_options()
    cards = choose_cards(page, session.id)
    with status:
        if job:
            is_incomplete = any(None in card.records.values() for card in cards)
            show_progress(job, redraw=is_incomplete or len(cards) < CARDS_PER_PAGE)
        elif not page.read_only and not offer_unfinished(page, session):
            offer_predictions(page, session)
    show_cards(session.id, cards, options, waiting=job is not None)


with open_page("Predict") as page:
    if not page.read_only:
        add_images(page)
    if page.session:
        show_session(page, page.session)
    elif page.read_only:
        st.markdown("Reviewers add images and predict them. You can view their sessions.")
        st.page_link(HISTORY, label="View sessions", icon=":material/history:")
    else:
        st.markdown(
            "Upload photographs, take a webcam snapshot, or try a sample. Compare predictions from each version."
        )
