"""The client's address behind proxies. Only the headers of configured proxies count."""

import ipaddress
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_FORWARDING_HEADERS = (b"x-forwarded-", b"forwarded", b"x-real-ip")


class ProxyHeaders:
    """ASGI middleware that sets a request's client and scheme from the headers of a configured proxy.

    `proxies` are addresses and networks. From all others the headers are removed, so that nothing behind this
    middleware can rely on them.
    """

    def __init__(self, app: ASGIApp, *, proxies: Sequence[str]) -> None:
        self._app = app
        self._with_headers = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))  # type: ignore[arg-type]
        self._networks = [ipaddress.ip_network(proxy) for proxy in proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its client and scheme."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        peer = find_peer(scope)
        scope = {**scope, "client": (peer, scope["client"][1]) if scope.get("client") else None}
        if self._is_proxy(peer):
            await self._with_headers(scope, receive, send)  # type: ignore[arg-type]
        else:
            kept = [header for header in scope["headers"] if not header[0].startswith(_FORWARDING_HEADERS)]
            await self._app({**scope, "headers": kept}, receive, send)

    def _is_proxy(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def find_peer(scope: Scope) -> str:
    """Return the peer's address: an IPv4 address also if it connected to an IPv6 socket."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        mapped = getattr(ipaddress.ip_address(host), "ipv4_mapped", None)
    except ValueError:
        return host
    return str(mapped) if mapped else host
