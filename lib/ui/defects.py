"""What a visitor sees of a defect: a number, under which the log has the cause."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.ui.text import escape_markdown

_LOG = logging.getLogger(__name__)
_BYTES = 4

WORDS = "Something went wrong here that should not."
"""How the sentence begins."""


@contextmanager
def numbered_defects() -> Iterator[None]:
    """Log whatever nobody foresaw with its trace, under a number that the page shows instead of it."""
    try:
        yield
    except Exception:
        number = secrets.token_hex(_BYTES)
        _LOG.exception("Defect %s", number)
        st.error(
            f"{WORDS} Nothing that was stored is lost. Tell whoever runs this server the number"
            f" {escape_markdown(number)}: its log has the cause.",
            icon=":material/bug_report:",
        )
