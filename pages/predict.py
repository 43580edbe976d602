"""Choose versions, bring images, see the scores; every result is stored as it arrives."""

import streamlit as st

from lib.domain.sessions import Session
from lib.ui.addresses import HISTORY
from lib.ui.cards import choose_cards, choose_display_options, show_cards
from lib.ui.deployment_controls import offer_missing_deployments
from lib.ui.frame import Page, open_page
from lib.ui.job_controls import find_active_run, offer_predictions, show_progress, start_predictions
from lib.ui.predict.image_intake import choose_images, show_file_errors


def show_session(page: Page, session: Session) -> None:
    """The session's cards, with whatever is under way or missing above them."""
    run = find_active_run(session.id)
    progress_place = st.container()
    show_file_errors(page.store, session.id)
    look = choose_display_options()
    cards = choose_cards(page, session.id)
    with progress_place:
        if run:
            show_progress(run, redraw=any(None in card.records.values() for card in cards) or len(cards) < 12)
        elif not page.read_only:
            offer_predictions(page, session)
    show_cards(session.id, cards, look, waiting=run is not None)


def take_in(page: Page) -> None:
    """Take images in, and ask the chosen versions about them."""
    offer_missing_deployments(page.versions.values())
    if page.versions:
        start_predictions(page, choose_images())
    else:
        st.info("Choose at least one version in the sidebar: it is asked about the images that you bring.")


with open_page("Predict") as page:
    if not page.read_only:
        take_in(page)
    if page.session:
        show_session(page, page.session)
    elif page.read_only:
        st.markdown("Reviewers bring images and ask versions about them. You may look at their sessions.")
        st.page_link(HISTORY, label="Open a session", icon=":material/history:")
    else:
        st.markdown("Drop photographs in, take a webcam snapshot, or try a sample. Each version says what it sees.")
