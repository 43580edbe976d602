"""ASGI calls without a server, and an app that echoes them."""

import json
from typing import Any

import anyio
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def tell(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with who calls, by which scheme, and the headers."""
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    await JSONResponse({"client": scope["client"][0], "scheme": scope["scheme"], "headers": headers})(
        scope, receive, send
    )


def call(
    app: ASGIApp, headers: list[tuple[str, str]], *, peer: str = "10.0.0.1", scheme: str = "http", method: str = "GET"
) -> tuple[int, dict[str, Any]]:
    """Status and, where it is JSON, content of the answer to a call from this peer."""
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": b"",
        "scheme": scheme,
        "client": (peer, 5000),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body) if body.startswith(b"{") else {}
