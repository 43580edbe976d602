"""Open a session by the link in the address: read-only, without a sidebar, with no way to anything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from lib.charts.theme import MAX_VERSIONS, assign_colors
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session, Share
from lib.errors import AppError
from lib.providers.automl_servers import BUILT_IN
from lib.settings import ROOT
from lib.store import Store
from lib.ui.addresses import VERSION_PARAMETER, find_share_token, use_share_token
from lib.ui.frame import Page
from lib.ui.text import PRODUCT, escape_markdown, format_exact_time
from lib.ui.version_choice import NO_CHOICE, name_versions
from lib.web import providers, resources
from lib.workflows.sharing import open_link

TABS_KEY = "shared-part"
_COUNTED = "share-counted"
_STYLES = (ROOT / "lib/ui/style.css", ROOT / "lib/ui/share_link.css")


@contextmanager
def open_shared() -> Iterator[Page | None]:
    """Yield the page of the link's session, or None where there is nothing to show, which the page then explains."""
    for style in _STYLES:
        st.html(style)
    try:
        store = resources.store()
        token = find_share_token()
        share = store.sharing.find_by_token(token, datetime.now(UTC)) if token else None
        if share is None:
            _show_invalid_link()
            yield None
            return
        use_share_token(token)
        _count(store, share)
        yield _open_session(store, store.sessions.get(share.session_id))
    except AppError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        st.stop()  # the page may have nothing to go on with


def _show_invalid_link() -> None:
    # Wrong, expired and revoked links look the same, so that nobody learns that a link ever worked.
    st.title(PRODUCT, anchor=False)
    st.info("This link is not valid. Ask the person who sent it for a new one.", icon=":material/link_off:")


def _count(store: Store, share: Share) -> None:
    if st.session_state.get(_COUNTED) != share.number:
        st.session_state[_COUNTED] = share.number
        open_link(store, share)


def _open_session(store: Store, session: Session) -> Page | None:
    st.title(escape_markdown(session.title), anchor=False)
    creator = f" by {session.created_by}" if session.created_by else ""
    created = f"Created {format_exact_time(session.created_at)}{creator}"
    st.caption(escape_markdown(f"Read-only shared session · {created}"))
    review = store.reviews.get(session.id)
    if review.is_hidden:
        st.info("This session is under blind review. Predictions are visible after the review is signed off.")
        return None
    versions, numbers = _find_versions(store, session), store.predictions.find_numbers(session.id)
    colors = assign_colors({name: numbers.get(version) for name, version in versions.items()})
    choice = replace(NO_CHOICE, versions=versions, colors=colors)
    return Page(store, choice, providers.prediction_context(BUILT_IN), session, read_only=True, by_link=True)


def _find_versions(store: Store, session: Session) -> dict[str, ModelVersion]:
    """Return the versions that the link names, baseline first, or else those of the family predicted last."""
    recorded = store.predictions.find_versions(session.id)
    wanted = st.query_params.get_all(VERSION_PARAMETER)
    named = [version for model_id in wanted for version in recorded if version.model_id == model_id]
    shown = (named or store.predictions.find_latest_family(session.id))[:MAX_VERSIONS]
    return name_versions(shown[0].family, shown, shown) if shown else {}
