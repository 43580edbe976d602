"""Unexpected errors: logged with their traceback under a number, which the page shows."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.errors import StorageUnavailable
from lib.ui.text import escape_markdown

_LOG = logging.getLogger(__name__)
_BYTES = 4

DEFECT_MESSAGE = "Something went wrong."
"""The beginning of what the page shows."""


@contextmanager
def numbered_defects() -> Iterator[None]:
    """Log an unexpected error and show its number instead of a traceback.

    Where the storage does not work before a page has begun, as at the check of the sign-in, show its sentence.
    """
    try:
        yield
    except StorageUnavailable as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
    except Exception:
        number = secrets.token_hex(_BYTES)
        _LOG.exception("Unexpected error %s", number)
        st.error(
            f"{DEFECT_MESSAGE} Give your administrator this error number to find the cause in the server log:"
            f" {escape_markdown(number)}",
            icon=":material/bug_report:",
        )
