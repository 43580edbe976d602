"""When an image appeared on the page: nobody can have judged it right away."""

import time

import streamlit as st

UNSEEN_S = 0.3
"""For so long after an image appears, nobody can have looked at it: a key that is held down judges nothing."""
_DRAWN = "image-drawn-at"


def note_shown(sha256: str) -> None:
    """Remember when this image appeared, if it was not there before."""
    drawn = st.session_state.get(_DRAWN)
    if not drawn or drawn[0] != sha256:
        st.session_state[_DRAWN] = (sha256, time.monotonic())


def is_too_early(sha256: str) -> bool:
    """Report whether the image has just appeared. A key that comes too early starts the time anew."""
    drawn = st.session_state.get(_DRAWN)
    now = time.monotonic()
    if not drawn or drawn[0] != sha256 or now - drawn[1] < UNSEEN_S:
        st.session_state[_DRAWN] = (sha256, now)
        return True
    return False
