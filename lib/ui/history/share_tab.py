"""Makes links to a session, lists them, and takes them back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import streamlit as st

from lib.domain.audit import Action
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session, Share, ShareTerms
from lib.store import Store
from lib.ui.addresses import SHARE_PARAMETER, VERSION_PARAMETER, find_own_url
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_age, format_count, format_day, format_exact_time
from lib.ui.visitor import find_actor, needs
from lib.workflows.sharing import create_link, revoke_link

LASTS_KEY = "share-lasts"
NOTE_KEY = "share-note"
CREATE_KEY = "make-share"
_CREATED = "share-made"
_LASTS = {
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
    "90 days": timedelta(days=90),
    "until I revoke it": None,
}
# What a view is made of travels in the link; what names this session, or asks a service, does not.
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
    """A link that shows this session and nothing else, read-only; and all links made so far."""
    store = page.store
    st.caption("Whoever has the link sees this session as it is then: images, answers, comparison and report.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("It works for", list(_LASTS), key=LASTS_KEY, width=180)
        st.text_input("Note", key=NOTE_KEY, max_chars=100, placeholder="For whom, or why", width=280)
        st.button("Make a link", key=CREATE_KEY, type="primary", on_click=_create, args=(store, session.id))
    made = st.session_state.get(_CREATED)
    if made and made[0] == session.id:
        st.success("Copy the link now: it is kept nowhere, and cannot be shown again.", icon=":material/link:")
        st.code(_link(made[1], page.versions.values()), language=None, wrap_lines=True)
    for share in store.find_shares(session.id):
        _show(store, share)


@needs(Action.CREATE_LINK)
def _create(store: Store, session_id: str) -> None:
    # Read here, not when the button was drawn: the note may have been typed just before the click.
    terms = ShareTerms(str(st.session_state[NOTE_KEY]).strip(), _LASTS[st.session_state[LASTS_KEY]])
    st.session_state[_CREATED] = (session_id, create_link(store, find_actor(), session_id, terms))


@needs(Action.REVOKE_LINK)
def _revoke(store: Store, share: Share) -> None:
    revoke_link(store, find_actor(), share)


def _link(token: str, versions: Iterable[ModelVersion]) -> str:
    shown = [(VERSION_PARAMETER, version.model_id) for version in versions]
    view = [(name, value) for name in _VIEW_PARAMETERS for value in st.query_params.get_all(name)]
    return f"{find_own_url()}/shared?{urlencode([(SHARE_PARAMETER, token), *shown, *view])}"


def _show(store: Store, share: Share) -> None:
    now = datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(escape_markdown(" · ".join(_describe(share, now))), help=format_exact_time(share.made_at))
        if share.works(now):
            st.button(
                "Revoke",
                key=f"revoke-{share.number}",
                on_click=_revoke,
                args=(store, share),
            )


def _describe(share: Share, now: datetime) -> list[str]:
    words = [
        share.note or "No note",
        f"made {format_age(share.made_at)}{f' by {share.made_by}' if share.made_by else ''}",
    ]
    if share.revoked_at:
        words.append(f"revoked {format_age(share.revoked_at)}")
    elif share.expires_at is None:
        words.append("works until it is revoked")
    else:
        words.append(f"{'works until' if share.works(now) else 'ended'} {format_day(share.expires_at)}")
    words.append(f"opened {format_count(share.opened, 'time')}")
    if share.opened_at:
        words.append(f"last {format_age(share.opened_at)}")
    return words
