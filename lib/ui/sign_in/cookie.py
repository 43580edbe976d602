"""Who signed in, by the cookie that Streamlit signs: for what the app's port answers beside Streamlit's pages."""

import json
from collections.abc import Mapping
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME


def find_claims(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the provider said of whoever holds these cookies; empty where they do not hold such a one, signed by us."""
    secret = get_cookie_secret()

    def find_signed(name: str) -> bytes | None:
        # Servers read cookies as Latin-1.
        value = cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1")) if value else None

    content = get_cookie_with_chunks(find_signed, USER_COOKIE_NAME)
    claims: dict[str, Any] = json.loads(content) if content else {}
    ours = claims.get("is_logged_in") and claims.get("origin") == get_origin_from_redirect_uri()
    return claims if ours else {}
