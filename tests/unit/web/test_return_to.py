"""After a sign-in one is back on the page that one wanted, and never on another server."""

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
    """As Streamlit does it: to the first page, with a cookie."""
    response = RedirectResponse("/")
    response.set_cookie("_streamlit_user", "signed")
    return response


async def page(_: Request) -> PlainTextResponse:
    return PlainTextResponse("a page")


ROUTES = [Route("/auth/login", leave), Route("/oauth2callback", come_back), Route("/history", page)]
APP = ReturnToMiddleware(Starlette(routes=ROUTES), base=BasePath())


def sign_in(referer: str | None) -> httpx.Response:
    """What the browser hears when it comes back from the provider, having left from there."""

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=OWN) as browser:
            left = await browser.get("/auth/login", headers={} if referer is None else {"referer": referer})
            assert left.headers["location"] == PROVIDER
            return await browser.get("/oauth2callback")

    return anyio.run(go)


@pytest.mark.parametrize(
    "wanted", ["/history", "/history?session=a-1&view=matrix&label=caf%C3%A9", "/?x=%2F%2Fevil.example", "/shared"]
)
def test_one_comes_back_to_the_page_with_its_query(wanted: str) -> None:
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
def test_nobody_is_led_elsewhere(referer: str | None) -> None:
    assert sign_in(referer).headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/%0d%0aset-cookie:x", "\\\\evil", ""])
def test_a_cookie_that_somebody_else_made_leads_nowhere_either(wanted: str) -> None:
    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=OWN) as browser:
            return await browser.get("/oauth2callback", headers={"cookie": f"second_look_wanted={wanted}"})

    assert anyio.run(go).headers["location"] == "/"


def test_other_answers_are_left_as_they_are() -> None:
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
def test_below_a_base_path_one_comes_back_to_this_app_alone(wanted: str, led_to: str) -> None:
    async def go() -> tuple[str, str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(BELOW), base_url=OWN) as browser:
            left = await browser.get("/look/auth/login", headers={"referer": f"{OWN}{wanted}"})
            back = await browser.get("/look/oauth2callback")
        return left.headers["set-cookie"], back.headers["location"]

    cookie, location = anyio.run(go)

    assert "Path=/look/oauth2callback;" in cookie
    assert location == led_to
