"""Whether the app may listen where it is told to: without a sign-in whoever reaches it may see and do everything."""

import ipaddress

from lib.errors import InvalidSettings


def check_address(address: str | None, *, allow_anonymous: bool) -> None:
    """Raise InvalidSettings for an address that others than this machine can reach, unless that is allowed.

    `address` is what the server listens on; None or an empty one stands for every address of the machine.
    """
    if allow_anonymous or _is_this_machine(address or ""):
        return
    where = address or "every address of this machine"
    raise InvalidSettings(
        f"Second Look has no sign-in, and would listen on {where}: whoever reaches it could see, change and delete"
        " everything. Let it listen on 127.0.0.1, or set SECOND_LOOK_ALLOW_ANONYMOUS=1 if that is what you want."
    )


def find_hosts(named: tuple[str, ...], *, allow_anonymous: bool) -> frozenset[str]:
    """The names under which programs may call the server; none: under any."""
    if named or allow_anonymous:
        return frozenset(named)
    return frozenset({"localhost", "127.0.0.1", "[::1]"})


def _is_this_machine(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
