"""The sign-out address ends the sign-in, and other sites cannot trigger it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from lib.web.base_path import BasePath
from lib.web.request_guards import SignOutGuard, SignOutRules

OWN = "https://look.example"


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("as Streamlit says it")


ROUTES = [Route("/auth/logout", answer), Route("/auth/login", answer)]


def ask(
    path: str, headers: list[tuple[str, str]], *, prefix: str = "", own: str = OWN
) -> tuple[int, list[dict[str, str]]]:
    """Return the status and the cookies whose sign-in was ended."""
    ended: list[dict[str, str]] = []

    def sign_out_caller(cookies: Mapping[str, str]) -> None:
        ended.append(dict(cookies))

    inner = Starlette(routes=[Mount(prefix, routes=ROUTES)] if prefix else ROUTES)
    app = SignOutGuard(inner, rules=SignOutRules(BasePath(prefix), urlsplit(own), sign_out_caller))

    async def go() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as browser:
            return (await browser.get(path, headers=[*headers, ("cookie", "who=ada")])).status_code

    return anyio.run(go), ended


@pytest.mark.parametrize("prefix", ["", "/look"])
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("sec-fetch-site", "none")],
        [("sec-fetch-site", "same-origin"), ("referer", f"{OWN}/history?session=a")],
        [("referer", OWN)],
        [("referer", "https://LOOK.example:443/")],
    ],
)
def test_the_sign_out_address_ends_the_sign_in(headers: list[tuple[str, str]], prefix: str) -> None:
    assert ask(f"{prefix}/auth/logout", headers, prefix=prefix) == (200, [{"who": "ada"}])


@pytest.mark.parametrize("prefix", ["", "/look"])
@pytest.mark.parametrize(
    "headers",
    [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("sec-fetch-site", "cross-site"), ("referer", f"{OWN}/")],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("referer", "https://evil.example/")],
        [("referer", "https://look.example.evil.example/")],
        [("referer", "https://look.example@evil.example/")],
        [("referer", "https://look.example:8443/")],
        [("referer", "http://look.example/")],
        [("referer", f"{OWN}/"), ("referer", "https://evil.example/")],
        [("referer", "https://evil.example?https://look.example/")],
        [("referer", "not an address")],
        [("referer", "")],
    ],
)
def test_pages_of_other_sites_cannot_sign_visitors_out(headers: list[tuple[str, str]], prefix: str) -> None:
    assert ask(f"{prefix}/auth/logout", headers, prefix=prefix) == (403, [])


def test_own_pages_can_sign_out_behind_a_proxy_that_changes_the_host_name() -> None:
    own = "https://public.example"

    assert ask("/auth/logout", [("referer", f"{own}/history")], own=own) == (200, [{"who": "ada"}])


def test_other_addresses_do_not_end_the_sign_in() -> None:
    assert ask("/auth/login", [("referer", "https://evil.example/")]) == (200, [])
