"""The OpenID providers of the secrets, as `st.login` knows them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import streamlit as st

from lib.ui.secrets_file import find_section

DEFAULT = "default"
"""The provider whose values stand in `[auth]` itself."""


@st.cache_resource(show_spinner=False)
def find_auth() -> dict[str, Any]:
    """The section `[auth]` of the secrets, as it was at the start: a file that goes away later opens no door."""
    return find_section("auth")


def is_on() -> bool:
    """Whether people must sign in."""
    return bool(find_auth())


def find_providers() -> list[str]:
    """Names to give to `st.login`: those of the sections below `[auth]`, and the default one where it has values."""
    auth = find_auth()
    named = [name for name, values in auth.items() if isinstance(values, Mapping) and "client_id" in values]
    return [DEFAULT, *named] if "client_id" in auth else named


def find_own_url() -> SplitResult:
    """How browsers reach the app: the address to which providers send them back."""
    return urlsplit(str(find_auth().get("redirect_uri") or ""))
