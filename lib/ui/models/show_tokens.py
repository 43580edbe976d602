"""Tokens with which programs ask the built-in service over this app's own port."""

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import ApiToken, Role
from lib.store import Store
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_age, format_exact_time
from lib.ui.visitor import find_actor, find_name, may, needs
from lib.web.sign_in import is_on
from lib.workflows.sharing import create_token, revoke_token

NOTE_KEY = "token-note"
MAKE_KEY = "make-token"
_MADE = "token-made"


def takes_tokens() -> bool:
    """Whether programs need a token, and the visitor may make one."""
    return is_on() and may(Role.REVIEWER)


def show_tokens(page: Page) -> None:
    """Make a token, and take those back that one made; admins see everybody's."""
    st.caption(
        "Programs send their token with every call: Authorization: Bearer TOKEN. A token has its creator's permissions."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Note", key=NOTE_KEY, max_chars=100, placeholder="Which program", width=280)
        st.button("Make a token", key=MAKE_KEY, type="primary", on_click=_make, args=(page.store,))
    made = st.session_state.get(_MADE)
    if made:
        st.success("Copy the token now. You won't be able to see it again.", icon=":material/key:")
        st.code(made, language=None, wrap_lines=True)
    for token in page.store.people.find_tokens(None if may(Role.ADMIN) else find_name()):
        _show(page.store, token)


@needs(Action.CREATE_TOKEN)
def _make(store: Store) -> None:
    st.session_state[_MADE] = create_token(store, find_actor(), str(st.session_state[NOTE_KEY]).strip())


@needs(Action.REVOKE_TOKEN)
def _revoke(store: Store, token: ApiToken) -> None:
    revoke_token(store, find_actor(), token)


def _show(store: Store, token: ApiToken) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(escape_markdown(" · ".join(_describe(token))), help=format_exact_time(token.made_at))
        if token.revoked_at is None:
            st.button("Revoke", key=f"revoke-token-{token.number}", on_click=_revoke, args=(store, token))


def _describe(token: ApiToken) -> list[str]:
    words = [token.note or "No note", f"created {format_age(token.made_at)} by {token.made_by}"]
    if token.revoked_at:
        words.append(f"revoked {format_age(token.revoked_at)}")
    words.append(f"used {format_age(token.used_at)}" if token.used_at else "never used")
    return words
