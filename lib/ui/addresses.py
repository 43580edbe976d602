"""Addresses of pages and files: their parameters, and notes about addresses that lead nowhere."""

from urllib.parse import quote, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.settings import ROOT
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.web.routes import LOG_FILE, SAMPLES
from lib.workflows.snippets.write import is_plain_url

HISTORY = ROOT / "pages/history.py"
COMPARE = ROOT / "pages/compare.py"
PROBE = ROOT / "pages/probe.py"
PREDICT = ROOT / "pages/predict.py"

SHARE_PARAMETER = "share"
VERSION_PARAMETER = "version"
_SHARE_SHOWN = "share-shown"
_SESSION = "session"
_VIEW = "view"
_MATRIX = "matrix"
_IMAGE = "image"
_USUAL_URL = "http://localhost:8501"


def matrix_address(session_id: str) -> dict[str, str]:
    """Parameters with which History shows this session as a matrix."""
    return {_SESSION: session_id, _VIEW: _MATRIX}


def image_address(session_id: str, sha256: str) -> dict[str, str]:
    """Parameters with which History shows this session's matrix, and an image of it on top."""
    return {**matrix_address(session_id), _IMAGE: sha256}


def probe_address(session_id: str, sha256: str) -> dict[str, str]:
    """Parameters with which Probe asks about this image of the session."""
    return {_SESSION: session_id, _IMAGE: sha256}


def requests_matrix() -> bool:
    """Whether the address names a session's matrix, and not the list of sessions."""
    return st.query_params.get(_VIEW) == _MATRIX


def find_requested_image() -> str | None:
    """SHA-256 of the image that the address asks for."""
    return st.query_params.get(_IMAGE)


def request_image(sha256: str) -> None:
    """Have the address ask for an image; the page shows it on its next run."""
    st.query_params[_IMAGE] = sha256


def clear_requested_image() -> None:
    """Have the address ask for no image any more."""
    st.query_params.pop(_IMAGE, None)


def find_share_token() -> str:
    """The token of the link in the address; empty where there is none."""
    return st.query_params.get(SHARE_PARAMETER, "")


def use_share_token(token: str | None) -> None:
    """Have this page find its pictures by the token of a link; None: by their session, as those who signed in do."""
    st.session_state[_SHARE_SHOWN] = token


def thumbnail_path(session_id: str, sha256: str) -> str:
    """Where the browser finds the small picture of an image."""
    return f"{picture_path(session_id, sha256)}/small"


def export_path(token: str) -> str:
    """Where the browser finds a file that was built to be taken along."""
    share = st.session_state.get(_SHARE_SHOWN)
    return _below_base(f"/shared-exports/{share}/{token}" if share else f"/exports/{token}")


def picture_path(session_id: str, sha256: str) -> str:
    """Where the browser finds an image as versions receive it."""
    token = st.session_state.get(_SHARE_SHOWN)
    return _below_base(f"/shared-pictures/{token}/{sha256}" if token else f"/pictures/{session_id}/{sha256}")


def sample_path(name: str) -> str:
    """Where the browser finds the small picture of a sample."""
    return _below_base(f"{SAMPLES}/{quote(name)}")


def log_path() -> str:
    """Where the browser finds the log as a file."""
    return _below_base(LOG_FILE)


def find_own_url() -> str:
    """The URL at which the visitor's browser reached the app, with nothing behind the base path.

    What a browser sends is a stranger's text: it stands in links and programs only where it is a plain URL.
    """
    parts = urlsplit(st.context.url or _USUAL_URL)
    origin = f"{parts.scheme}://{parts.netloc}"
    return f"{origin if is_plain_url(origin) else _USUAL_URL}{_below_base('')}"


def _below_base(path: str) -> str:
    return resources.base_path().join(path)


_NOTE = "address-note"
_NOTED_OF = "address-note-of"


def came_back() -> bool:
    """Whether this run shows an address that *Back* or *Forward* led to.

    Streamlit then sets each question to what the address says or, where it says nothing, to its default, and never to
    what is set in the session state: what is usual there must be the default.
    """
    run = get_script_run_ctx()
    return bool(run and run.is_history_navigation)


def note_address(sentence: str) -> None:
    """Keep a sentence on the address, to be shown once the questions are answered."""
    st.session_state[_NOTE] = sentence
    st.session_state.pop(_NOTED_OF, None)


def show_address_note(shown: tuple[str, ...]) -> None:
    """Show the sentence, until something is chosen other than what was `shown` with it at first."""
    if st.session_state.setdefault(_NOTED_OF, shown) != shown:
        st.session_state.pop(_NOTE, None)
    if note := st.session_state.get(_NOTE):
        st.warning(escape_markdown(note), icon=":material/link_off:")
