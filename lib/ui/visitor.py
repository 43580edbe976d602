"""Who is in front of the page."""

import streamlit as st

NAME_KEY = "visitor-name"


def ask_for_name() -> None:
    """Ask, in the sidebar, for the name that stands beside what this visitor does; it may stay empty."""
    st.text_input(
        "Your name",
        key=NAME_KEY,
        placeholder="Shown beside what you do",
        max_chars=60,
        persist_state="session",
    )


def find_name() -> str:
    """The name that the visitor goes by; empty where none was given."""
    return str(st.session_state.get(NAME_KEY) or "").strip()
