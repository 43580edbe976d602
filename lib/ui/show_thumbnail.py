"""Small pictures on a page: by an address of ours that checks rights, never by Streamlit's own media folder."""

from html import escape

import streamlit as st


def show_thumbnail(path: str, alt: str) -> None:
    """Draw the picture at this path in a box of fixed shape; the browser fetches it once it comes into view.

    `alt` is what those hear who do not see it; empty where the words beside it say the same.
    """
    st.html(f'<img class="thumbnail" loading="lazy" decoding="async" src="{escape(path)}" alt="{escape(alt)}">')
