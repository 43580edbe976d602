"""The Share tab: create links to a session, list them, and revoke them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import streamlit as st

from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session, Share, ShareTerms
from lib.domain.wording import format_count
from lib.store import Store
from lib.ui.addresses import SHARE_PARAMETER, VERSION_PARAMETER, find_own_url
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_age, format_day, format_exact_time
from lib.ui.visitor import find_actor, makes_change
from lib.workflows.sharing import create_link, revoke_link

EXPIRY_KEY = "share-lasts"
NOTE_KEY = "share-note"
CREATE_KEY = "create-link"
_CREATED = "link-created"
_LIFETIMES = {
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
    "90 days": timedelta(days=90),
    "No expiration": None,
}
# The link carries the view, but nothing that names a session or a provider.
_VIEW_PARAMETERS = (
    "rows",
    "label",
    "below",
    "from",
    "sort",
    "threshold",
    "labels",
    "margin",
    "detail",
    "flips",
    "confusion-of",
)


def offer_links(page: Page, session: Session) -> None:
    """Offer to create a read-only link to this session alone, and list all links to it."""
    store = page.store
    st.caption("Anyone with the link can view this session: images, predictions, comparison and report.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Expiration", list(_LIFETIMES), key=EXPIRY_KEY, width=180)
        st.text_input("Note", key=NOTE_KEY, max_chars=100, placeholder="Recipient or purpose", width=280)
        st.button("Create link", key=CREATE_KEY, type="primary", on_click=_create, args=(store, session.id))
    created = st.session_state.get(_CREATED)
    if created and created[0] == session.id:
        st.success("Copy the link now. You won't be able to see it again.", icon=":material/link:")
        st.code(_make_url(created[1], page.versions.values()), language=None, wrap_lines=True)
    for share in store.sharing.find(session.id):
        _show_link(store, share)


@makes_change
def _create(store: Store, session_id: str) -> None:
    # Read here, not when the button is drawn: the note may have been typed just before the click.
    terms = ShareTerms(str(st.session_state[NOTE_KEY]).strip(), _LIFETIMES[st.session_state[EXPIRY_KEY]])
    st.session_state[_CREATED] = (session_id, create_link(store, find_actor(), session_id, terms))


@makes_change
def _revoke(store: Store, share: Share) -> None:
    revoke_link(store, find_actor(), share)


def _make_url(token: str, versions: Iterable[ModelVersion]) -> str:
    shown = [(VERSION_PARAMETER, version.model_id) for version in versions]
    view = [(name, value) for name in _VIEW_PARAMETERS for value in st.query_params.get_all(name)]
    return f"{find_own_url()}/shared?{urlencode([(SHARE_PARAMETER, token), *shown, *view])}"


def _show_link(store: Store, share: Share) -> None:
    now = datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(escape_markdown(" · ".join(_describe_link(share, now))), help=format_exact_time(share.made_at))
        if share.works(now):
            st.button("Revoke link", key=f"revoke-{share.number}", on_click=_revoke, args=(store, share))


def _describe_link(share: Share, now: datetime) -> list[str]:
    creator = f" by {share.made_by}" if share.made_by else ""
    parts = [share.note or "No note", f"created {format_age(share.made_at)}{creator}"]
    if share.revoked_at:
        parts.append(f"revoked {format_age(share.revoked_at)}")
    elif share.expires_at is None:
        parts.append("never expires")
    else:
        parts.append(f"{'expires' if share.works(now) else 'expired'} {format_day(share.expires_at)}")
    parts.append(f"opened {format_count(share.opened, 'time')}")
    if share.opened_at:
        parts.append(f"last {format_age(share.opened_at)}")
    return parts
