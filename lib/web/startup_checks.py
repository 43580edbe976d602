"""Whether the app may listen where it is told to: without a sign-in whoever reaches it may see and do everything."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from lib.domain.people import Access
from lib.errors import InvalidSettings
from lib.web.base_path import BasePath
from lib.web.return_to import RETURN

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LEAST_SECRET = 32
_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")


def check_address(address: str | None, *, open_to_all: bool) -> None:
    """Raise InvalidSettings for an address that others than this machine can reach, unless it may be open to all.

    `address` is what the server listens on; None or an empty one stands for every address of the machine.
    """
    if open_to_all or _is_this_machine(address or ""):
        return
    where = address or "every address of this machine"
    raise InvalidSettings(
        f"Second Look has no sign-in, and would listen on {where}: whoever reaches it could see, change and delete"
        " everything. Let it listen on 127.0.0.1, have people sign in ([auth] in .streamlit/secrets.toml), or set"
        " SECOND_LOOK_ALLOW_ANONYMOUS=1 if that is what you want."
    )


def check_sign_in(auth: Mapping[str, object], access: Access, base: BasePath) -> None:
    """Raise InvalidSettings where people must sign in by `[auth]`, and nobody could, or anybody could forge it."""
    back = urlsplit(str(auth.get("redirect_uri") or ""))
    if not back.hostname or back.path != base.join(RETURN):
        raise InvalidSettings(f"[auth] needs redirect_uri: the app's own address with {base.join(RETURN)} behind it.")
    if len(str(auth.get("cookie_secret") or "")) < _LEAST_SECRET:
        raise InvalidSettings(
            f"[auth] needs cookie_secret: {_LEAST_SECRET} random characters or more, with which sign-ins are signed."
            ' `python -c "import secrets; print(secrets.token_hex())"` makes some.'
        )
    if not any(all(provider.get(name) for name in _OF_PROVIDER) for provider in _find_sections(auth)):
        raise InvalidSettings(f"[auth], or a section below it such as [auth.google], needs {', '.join(_OF_PROVIDER)}.")
    if not access.has_anybody():
        raise InvalidSettings(
            "People must sign in, and nobody may come in. Name addresses or domains in SECOND_LOOK_ADMINS,"
            " SECOND_LOOK_REVIEWERS or SECOND_LOOK_VIEWERS."
        )


def find_hosts(named: tuple[str, ...], own: str, *, allow_anonymous: bool) -> frozenset[str]:
    """The names under which the server may be called; none: under any.

    `own` is the one that people's browsers use where they sign in.
    """
    if named or allow_anonymous:
        return frozenset(named)
    return _THIS_MACHINE | {own} if own else _THIS_MACHINE


def _find_sections(auth: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [auth, *(section for section in auth.values() if isinstance(section, Mapping))]


def _is_this_machine(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
