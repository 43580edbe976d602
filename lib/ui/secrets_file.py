"""What the operator keeps in Streamlit's secrets (`.streamlit/secrets.toml`)."""

from collections.abc import Mapping
from typing import Any

import streamlit as st


def find_section(name: str) -> dict[str, Any]:
    """A section of the secrets, such as `[auth]`; empty where there is none."""
    try:
        section = st.secrets[name]
    except (KeyError, FileNotFoundError):
        return {}
    return dict(section) if isinstance(section, Mapping) else {}
