"""Host names under which the server responds."""

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lib.web.base_path import BasePath
from lib.web.request_guards import HostGuard

OWN = frozenset({"localhost", "127.0.0.1", "[::1]"})


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("an answer")


APP = Starlette(
    routes=[
        Route("/", answer),
        *(Route(f"{base}{path}", answer) for base in ("", "/look") for path in ("/livez", "/readyz", "/healthz")),
        Route("/other/healthz", answer),
    ]
)


def ask(host: str, path: str = "/", hosts: frozenset[str] = OWN) -> int:
    """Return the status of a call with this host name."""

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(HostGuard(APP, hosts=hosts, base=BasePath("/look")))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await client.get(path, headers={"host": host})

    return anyio.run(go).status_code


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8501", "LOCALHOST", "[::1]:8501", "[::1]"])
def test_the_server_responds_to_its_own_names(host: str) -> None:
    assert ask(host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "localhost:x",
        "[::1",
    ],
)
def test_a_foreign_host_name_is_rejected(host: str) -> None:
    assert ask(host) == 403


def test_without_configured_names_any_host_name_is_accepted() -> None:
    assert ask("look.example", hosts=frozenset()) == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
def test_health_checks_may_use_any_host_name(path: str) -> None:
    assert ask("10.0.0.7:8501", path) == ask("10.0.0.7:8501", f"/look{path}") == 200
    assert ask("10.0.0.7:8501", "/other/healthz") == 403
