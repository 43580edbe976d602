"""The top of a session: its title, active predictions, and predictions that are still to be made."""

import streamlit as st

from lib.domain.jobs import JobKind
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.ui.addresses import HISTORY
from lib.ui.frame import Page
from lib.ui.history.session_list import save_title
from lib.ui.job_controls import find_running_job, offer_predictions, predict, show_progress
from lib.ui.text import escape_markdown, format_images
from lib.ui.version_choice import FAMILY_KEY, VERSIONS_KEY, name_versions
from lib.ui.visitor import makes_change

TITLE_KEY = "session-title"
VERSION_KEY = "other-version"
PREDICT_VERSION_KEY = "predict-other-version"


def show_header(page: Page, session: Session) -> None:
    """Draw the title and either progress or, for reviewers, buttons for missing predictions."""
    if page.read_only:
        st.subheader(escape_markdown(session.title), anchor=False)
    else:
        _edit_title(page, session)
    job = find_running_job(JobKind.PREDICTION, session.id)
    if job:
        show_progress(job, redraw=True)
    elif not page.read_only:
        offer_predictions(page, session)
        _offer_other_version(page, session)


def _edit_title(page: Page, session: Session) -> None:
    key = f"{TITLE_KEY}-{session.id}"

    def rename() -> None:
        save_title(page.store, session, st.session_state[key])

    if st.session_state.get(key) != session.title:  # an empty title was typed, or the session was renamed elsewhere
        st.session_state[key] = session.title
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Title", key=key, on_change=rename, max_chars=200)
        st.page_link(HISTORY, label="All sessions", icon=":material/arrow_back:")


def _offer_other_version(page: Page, session: Session) -> None:
    """Offer to predict the images that another version of the family has no record of."""
    missing = _find_missing(page, session)
    if not missing:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Another version", list(missing), key=VERSION_KEY, width=260)
        version, count = missing[name]
        st.button(
            f"Predict {format_images(count)}",
            key=PREDICT_VERSION_KEY,
            on_click=_predict_and_show,
            args=(page, session.id, name, version),
        )


def _find_missing(page: Page, session: Session) -> dict[str, tuple[ModelVersion, int]]:
    """Return, by name, each served version that is not chosen, with the number of images it has no record of."""
    coverage = page.store.predictions.find_coverage(session.id)
    served = page.choice.served or []
    names = name_versions(st.session_state.get(FAMILY_KEY, ""), served, list(coverage))
    predicted = {version: count.predictions + count.failures for version, count in coverage.items()}
    counts = {
        name: (version, session.image_count - predicted.get(version, 0))
        for name, version in names.items()
        if version in served and version not in page.versions.values()
    }
    return {name: (version, count) for name, (version, count) in counts.items() if count}


@makes_change
def _predict_and_show(page: Page, session_id: str, name: str, version: ModelVersion) -> None:
    predict(page, session_id, [version])
    st.session_state[VERSIONS_KEY] = [*page.versions, name]
