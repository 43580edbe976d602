"""Addresses of pages and files: their parameters, and notes about addresses that cannot be shown as they are."""

from urllib.parse import quote, urlsplit

import streamlit as st

from lib.settings import ROOT
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.web.routes import LOG_FILE, SAMPLES
from lib.workflows.snippets.write import is_plain_url

HISTORY = ROOT / "pages/history.py"
COMPARE = ROOT / "pages/compare.py"
PROBE = ROOT / "pages/robustness.py"
PREDICT = ROOT / "pages/predict.py"
REVIEW = ROOT / "pages/review.py"

SHARE_PARAMETER = "share"
VERSION_PARAMETER = "version"
_SESSION = "session"
_VIEW = "view"
_MATRIX = "matrix"
_IMAGE = "image"
_SHARE_TOKEN = "share-token"  # noqa: S105 - a key of the session state
_NOTE = "address-note"
_NOTE_CHOICES = "address-note-choices"
_DEFAULT_URL = "http://localhost:8501"


def matrix_address(session_id: str) -> dict[str, str]:
    """Return the parameters with which History shows this session's matrix."""
    return {_SESSION: session_id, _VIEW: _MATRIX}


def session_address(session_id: str) -> dict[str, str]:
    """Return the parameters with which a page opens this session."""
    return {_SESSION: session_id}


def probe_address(session_id: str, sha256: str) -> dict[str, str]:
    """Return the parameters with which Robustness tests this image of the session."""
    return {_SESSION: session_id, _IMAGE: sha256}


def requests_matrix() -> bool:
    """Report whether the address names a session's matrix, not the list of sessions."""
    return st.query_params.get(_VIEW) == _MATRIX


def find_requested_image() -> str | None:
    """Return the SHA-256 of the image that the address names, if any."""
    return st.query_params.get(_IMAGE)


def request_image(sha256: str) -> None:
    """Name an image in the address; the page opens it on its next run."""
    st.query_params[_IMAGE] = sha256


def clear_requested_image() -> None:
    """Name no image in the address."""
    st.query_params.pop(_IMAGE, None)


def find_share_token() -> str:
    """Return the token of the link in the address; empty for none."""
    return st.query_params.get(SHARE_PARAMETER, "")


def use_share_token(token: str | None) -> None:
    """Have this page load its files by a link's token or, with None, by their session, which needs a sign-in."""
    st.session_state[_SHARE_TOKEN] = token


def thumbnail_path(session_id: str, sha256: str) -> str:
    """Return the path of an image's thumbnail."""
    return f"{picture_path(session_id, sha256)}/small"


def picture_path(session_id: str, sha256: str) -> str:
    """Return the path of an image as it is sent to versions."""
    token = st.session_state.get(_SHARE_TOKEN)
    return _below_base(f"/shared-pictures/{token}/{sha256}" if token else f"/pictures/{session_id}/{sha256}")


def export_path(export_token: str) -> str:
    """Return the path of an export."""
    token = st.session_state.get(_SHARE_TOKEN)
    return _below_base(f"/shared-exports/{token}/{export_token}" if token else f"/exports/{export_token}")


def sample_path(name: str) -> str:
    """Return the path of a sample's thumbnail."""
    return _below_base(f"{SAMPLES}/{quote(name)}")


def log_path() -> str:
    """Return the path of the audit log as a file."""
    return _below_base(LOG_FILE)


def find_own_url() -> str:
    """Return the URL of the app in the visitor's browser, including the base path.

    What a browser sends is untrusted: it is used in links and programs only if it is a plain URL.
    """
    parts = urlsplit(st.context.url or _DEFAULT_URL)
    origin = f"{parts.scheme}://{parts.netloc}"
    return f"{origin if is_plain_url(origin) else _DEFAULT_URL}{_below_base('')}"


def _below_base(path: str) -> str:
    return resources.base_path().join(path)


def note_address(sentence: str) -> None:
    """Remember a sentence about the address, to be shown below the sidebar's choices."""
    st.session_state[_NOTE] = sentence
    st.session_state.pop(_NOTE_CHOICES, None)


def show_address_note(choices: tuple[str, ...]) -> None:
    """Show the sentence until the visitor makes other choices than those it was first shown with."""
    if st.session_state.setdefault(_NOTE_CHOICES, choices) != choices:
        st.session_state.pop(_NOTE, None)
    if note := st.session_state.get(_NOTE):
        st.warning(escape_markdown(note), icon=":material/link_off:")
