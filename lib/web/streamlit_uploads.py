"""What Streamlit's runtime knows of visits and of the files that it holds for them.

All that is private to Streamlit and concerns uploads is named here; tests hold it against the installed version.
"""

import hmac
from collections.abc import Mapping

from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME


def find_cookies(visit: str) -> Mapping[str, str] | None:
    """Return the cookies with which the browser opened the visit's WebSocket; None where no such visit is open."""
    client = Runtime.instance().get_client(visit) if Runtime.exists() else None
    opened = client.client_context if client else None
    return opened.cookies if opened else None


def is_same_browser(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two sets of cookies come from one browser: Streamlit gives each a random value, masked anew each time."""
    first, second = (decode_xsrf_token_string(cookies.get(XSRF_COOKIE_NAME, ""))[0] for cookies in (one, other))
    return bool(first and second) and hmac.compare_digest(first or b"", second or b"")


def find_held_sizes(visit: str) -> list[int]:
    """Return the sizes in bytes of the files that are held in memory for a visit."""
    manager = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return []
    return [len(file.data) for file in list(manager.file_storage.get(visit, {}).values())]
