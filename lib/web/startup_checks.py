"""Checks at the start: the address to listen on, and the configuration of the sign-in."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from lib.domain.people import Access
from lib.errors import InvalidSettings
from lib.web.base_path import BasePath
from lib.web.return_to import CALLBACK

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LEAST_SECRET = 32
_PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")


def check_address(address: str | None, *, open_to_all: bool) -> None:
    """Raise InvalidSettings if other machines can reach `address`, unless the app may be open to all.

    None or an empty address stands for every address of this machine.
    """
    if open_to_all or _is_this_machine(address or ""):
        return
    where = address or "every address of this machine"
    raise InvalidSettings(
        f"Second Look has no sign-in and would listen on {where}, where anyone could see, change and delete everything."
        " Set server.address to 127.0.0.1, configure sign-in ([auth] in .streamlit/secrets.toml), or set"
        " SECOND_LOOK_ALLOW_ANONYMOUS=1 to allow this."
    )


def check_sign_in(auth: Mapping[str, object], access: Access, base: BasePath) -> None:
    """Raise InvalidSettings if nobody could sign in with `[auth]`, or anybody could forge a sign-in."""
    back = urlsplit(str(auth.get("redirect_uri") or ""))
    if not back.hostname or back.path != base.join(CALLBACK):
        raise InvalidSettings(f"[auth] needs redirect_uri: the app's own address followed by {base.join(CALLBACK)}.")
    if len(str(auth.get("cookie_secret") or "")) < _LEAST_SECRET:
        raise InvalidSettings(
            f"[auth] needs cookie_secret: at least {_LEAST_SECRET} random characters, with which sign-ins are signed."
            ' Create one with `python -c "import secrets; print(secrets.token_hex())"`.'
        )
    if not any(all(provider.get(name) for name in _PROVIDER_KEYS) for provider in _find_sections(auth)):
        raise InvalidSettings(
            f"[auth], or a section below it such as [auth.google], needs {', '.join(_PROVIDER_KEYS)}."
        )
    if not access.has_anybody():
        raise InvalidSettings(
            "Sign-in is on, but nobody is admitted. List addresses or domains in SECOND_LOOK_ADMINS,"
            " SECOND_LOOK_REVIEWERS or SECOND_LOOK_VIEWERS."
        )


def find_hosts(named: tuple[str, ...], own: str, *, allow_anonymous: bool) -> frozenset[str]:
    """Return the host names that requests may address; empty if any may be.

    `own` is the host name that browsers use where people sign in.
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
