"""After sign-in, visitors return to the requested page and never to another server."""

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route

from lib.web.base_path import BasePath
from lib.web.return_to import ReturnToMiddleware

OWN = "https://look.example"
PROVIDER = "https://id.example/authorize"


async def leave(_: Request) -> RedirectResponse:
    return RedirectResponse(PROVIDER)


async def come_back(_: Request) -> RedirectResponse:
    """Redirect to the first page with a cookie, as Streamlit does."""
    response = RedirectResponse("/")
    response.set_cookie("_streamlit_user", "signed")
    return response


async def page(_: Request) -> PlainTextResponse:
    return PlainTextResponse("a page")


ROUTES = [Route("/auth/login", leave), Route("/oauth2callback", come_back), Route("/history", page)]
APP = ReturnToMiddleware(Starlette(routes=ROUTES), base=BasePath())


def sign_in(referer: str | None) -> httpx.Response:
    """Return the response to a browser that returns from the provider after leaving this page."""

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=OWN) as browser:
            left = await browser.get("/auth/login", headers={} if referer is None else {"referer": referer})
            assert left.headers["location"] == PROVIDER
            return await browser.get("/oauth2callback")

    return anyio.run(go)


@pytest.mark.parametrize(
    "wanted", ["/history", "/history?session=a-1&view=matrix&label=caf%C3%A9", "/?x=%2F%2Fevil.example", "/shared"]
)
def test_a_visitor_returns_to_the_page_with_its_query(wanted: str) -> None:
    back = sign_in(f"{OWN}{wanted}")

    assert back.headers["location"] == wanted
    assert "_streamlit_user=signed" in back.headers["set-cookie"]


@pytest.mark.parametrize(
    "referer",
    [
        None,
        "",
        "https://evil.example/history",
        "https://look.example.evil.example/history",
        f"{OWN}//evil.example/history",
        f"{OWN}/\\evil.example",
        f"{OWN}/{'x' * 5000}",
        "not an address",
    ],
)
def test_a_visitor_is_never_redirected_to_another_server(referer: str | None) -> None:
    assert sign_in(referer).headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/%0d%0aset-cookie:x", "\\\\evil", ""])
def test_a_forged_cookie_does_not_redirect(wanted: str) -> None:
    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=OWN) as browser:
            return await browser.get("/oauth2callback", headers={"cookie": f"second_look_wanted={wanted}"})

    assert anyio.run(go).headers["location"] == "/"


def test_other_responses_are_unchanged() -> None:
    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=OWN) as browser:
            return await browser.get("/history", headers={"referer": f"{OWN}/"})

    answer = anyio.run(go)

    assert (answer.text, "set-cookie" in answer.headers) == ("a page", False)


BELOW = ReturnToMiddleware(Starlette(routes=[Mount("/look", routes=ROUTES)]), base=BasePath("/look"))


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [("/look/history?session=a-1", "/look/history?session=a-1"), ("/other/app", "/"), ("/looks", "/"), ("/", "/")],
)
def test_with_a_base_path_a_visitor_returns_only_to_this_app(wanted: str, led_to: str) -> None:
    async def go() -> tuple[str, str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(BELOW), base_url=OWN) as browser:
            left = await browser.get("/look/auth/login", headers={"referer": f"{OWN}{wanted}"})
            back = await browser.get("/look/oauth2callback")
        return left.headers["set-cookie"], back.headers["location"]

    cookie, location = anyio.run(go)

    assert "Path=/look/oauth2callback;" in cookie
    assert location == led_to
