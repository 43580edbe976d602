"""One button runs another version over a session's images."""

import streamlit as st

from lib.domain.audit import Action
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.ui.choose_versions import FAMILY_KEY, VERSIONS_KEY, name_versions
from lib.ui.frame import Page
from lib.ui.predictions import ask
from lib.ui.text import format_images
from lib.ui.visitor import needs

OTHER_KEY = "other-version"
ASK_KEY = "ask-other-version"


def offer_other_version(page: Page, session: Session) -> None:
    """Ask for one of the versions that have answers missing, and run it over just those images."""
    missing = _find_missing(page, session)
    if not missing:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Predict with another version", list(missing), key=OTHER_KEY, width=260)
        version, count = missing[name]
        st.button(
            f"Predict {format_images(count)}",
            key=ASK_KEY,
            on_click=_ask_and_show,
            args=(page, session.id, name, version),
        )


def _find_missing(page: Page, session: Session) -> dict[str, tuple[ModelVersion, int]]:
    coverage = page.store.predictions.find_coverage(session.id)
    served = page.choice.served or []
    names = name_versions(st.session_state.get(FAMILY_KEY, ""), served, list(coverage))
    asked = {version: count.predictions + count.failures for version, count in coverage.items()}
    counts = {
        name: (version, session.image_count - asked.get(version, 0))
        for name, version in names.items()
        if version in served and version not in page.versions.values()
    }
    return {name: (version, count) for name, (version, count) in counts.items() if count}


@needs(Action.PREDICT)
def _ask_and_show(page: Page, session_id: str, name: str, version: ModelVersion) -> None:
    ask(page, session_id, [version])
    st.session_state[VERSIONS_KEY] = [*page.versions, name]
