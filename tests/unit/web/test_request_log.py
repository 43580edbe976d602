"""Ids of requests, and what is written about each."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lib.settings import ROOT
from lib.web.base_path import BasePath
from lib.web.known_paths import KnownPaths, find_path_name
from lib.web.request_log import RequestLog

TOKEN = "0123456789abcdef" * 3


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("an answer")


async def fail(_: Request) -> PlainTextResponse:
    raise RuntimeError("a defect")


ROUTES = [
    Route("/look/exports/{token}", answer),
    Route("/look/shared-pictures/{share}/{sha256}/small", answer),
    Route("/look/broken", fail),
    Route("/livez", answer),
    Mount("/look/v1", PlainTextResponse("an answer")),
    WebSocketRoute("/look/_stcore/stream", answer),
    # As Streamlit has it: everything else is its page.
    Mount("/look", StaticFiles(directory=ROOT / "docs")),
]


def name(path: str) -> str | None:
    """The path as the log has it, of an app below /look."""
    scope: Scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "app": Starlette(routes=ROUTES)}
    return find_path_name(scope, BasePath("/look"))


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/look", "/look"),
        ("/look/", "/look/"),
        ("/look/shared", "/look/shared"),
        ("/look/history/", "/look/history/"),
        ("/look/probe", "/look/probe"),
        ("/look/favicon.png", "/look/favicon.png"),
        ("/livez", "/livez"),
        (f"/look/exports/{TOKEN}", "/look/exports/{token}"),
        (f"/look/shared-pictures/{TOKEN}/abc/small", "/look/shared-pictures/{share}/{sha256}/small"),
        ("/look/v1/projects/p/models/ICN1:predict", "/look/v1/{path}:predict"),
        (f"/look/v1/{TOKEN}", "/look/v1/{path}"),
        (f"/look/v1/x:{TOKEN}", "/look/v1/{path}"),
    ],
)
def test_the_log_names_paths_without_their_variable_parts(path: str, named: str) -> None:
    assert name(path) == named


@pytest.mark.parametrize(
    "path",
    ["/", "/history", f"/look/{TOKEN}", f"/look/shared/{TOKEN}", "/look/robots.txt", "/look/history/x", "/lookx"],
)
def test_other_paths_are_unknown(path: str) -> None:
    assert name(path) is None


def ask(path: str, *ids: str) -> httpx.Response:
    base = BasePath("/look")
    middleware = [
        Middleware(RequestLog, find_name=lambda scope: find_path_name(scope, base)),
        Middleware(KnownPaths, base=base),
    ]

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=ROUTES, middleware=middleware))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await client.get(path, headers=[(b"x-request-id", each.encode()) for each in ids])

    return asyncio.run(go())


@pytest.mark.parametrize("given", ["a", "7f3c-00.A_z", "x" * 64])
def test_a_well_formed_id_is_returned(given: str) -> None:
    assert ask("/livez", given).headers["x-request-id"] == given


@pytest.mark.parametrize("given", [(), ("",), ("x" * 65,), ("a b",), ("a\tb",), ("é",), ("a", "b"), ('a"b',), ("a=b",)])
def test_other_ids_are_replaced(given: tuple[str, ...]) -> None:
    made = ask("/livez", *given).headers.get_list("x-request-id")

    assert len(made) == 1
    assert len(made[0]) == 32
    assert made[0] not in given


def test_ids_of_requests_differ() -> None:
    assert ask("/livez").headers["x-request-id"] != ask("/livez").headers["x-request-id"]


def test_the_response_to_a_defect_has_the_id_of_the_request() -> None:
    failed = ask("/look/broken", "r-1")

    assert (failed.status_code, failed.headers["x-request-id"]) == (500, "r-1")
    assert failed.text == "Something went wrong. Give your administrator the request id of this response: r-1"


def test_an_unknown_path_is_not_found() -> None:
    missing = ask("/look/robots.txt")

    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")
    assert missing.text == "There is no page at this address. Check it, or start at the app's first page."


def test_every_page_has_a_known_path() -> None:
    pages = {file.stem for file in (ROOT / "pages").glob("*.py")}

    assert [page for page in pages if name(f"/look/{page}") is None] == []
