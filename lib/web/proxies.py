"""Who calls, where proxies stand in between: what they say of a caller counts only from those that are named."""

import ipaddress
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_SAID_BY_PROXIES = (b"x-forwarded-", b"forwarded", b"x-real-ip")


class ProxyHeaders:
    """ASGI middleware that sets a call's client and scheme to what a named proxy says of them.

    `proxies` are addresses and networks. From anybody else the headers are taken away, so that nothing behind this can
    believe them.
    """

    def __init__(self, app: ASGIApp, *, proxies: Sequence[str]) -> None:
        self._app = app
        self._believing = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))  # type: ignore[arg-type]
        self._networks = [ipaddress.ip_network(proxy) for proxy in proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, with what is known of who calls."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        peer = find_peer(scope)
        scope = {**scope, "client": (peer, scope["client"][1]) if scope.get("client") else None}
        if self._is_named(peer):
            await self._believing(scope, receive, send)  # type: ignore[arg-type]
        else:
            kept = [header for header in scope["headers"] if not header[0].startswith(_SAID_BY_PROXIES)]
            await self._app({**scope, "headers": kept}, receive, send)

    def _is_named(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def find_peer(scope: Scope) -> str:
    """Return the address at the other end of the call; an IPv4 address also where it came in by an IPv6 socket."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        mapped = getattr(ipaddress.ip_address(host), "ipv4_mapped", None)
    except ValueError:
        return host
    return str(mapped) if mapped else host
