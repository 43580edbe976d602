"""The page script: served with an ETag and linked only in the head of pages."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from lib.web.base_path import BasePath
from lib.web.page_head import SCRIPT, PageHead, serve_script

PAGE = "<html><head><title>Page</title></head><body>" + "long " * 200 + "</body></html>"
LINK = '<script defer src="/look/second-look.js"></script></head>'


async def page(_: Request) -> Response:
    return HTMLResponse(PAGE, headers={"etag": '"of-the-file"'})


async def pieces(_: Request) -> Response:
    return StreamingResponse(iter([PAGE[:20].encode(), PAGE[20:].encode()]), media_type="text/html")


async def report(_: Request) -> Response:
    return HTMLResponse(PAGE, headers={"content-disposition": 'attachment; filename="report.html"'})


async def data(_: Request) -> Response:
    return JSONResponse({"html": "</head>"})


@pytest.fixture
def browser() -> TestClient:
    endpoints = {"/": page, "/pieces": pieces, "/data": data, "/report": report, SCRIPT: serve_script}
    routes = [Route(path, endpoint) for path, endpoint in endpoints.items()]
    middleware = [Middleware(PageHead, base=BasePath("/look")), Middleware(GZipMiddleware)]
    return TestClient(Starlette(routes=routes, middleware=middleware), headers={"accept": "text/html"})


@pytest.mark.parametrize("path", ["/", "/pieces"])
def test_every_page_links_the_script_below_the_base_path(browser: TestClient, path: str) -> None:
    answer = browser.get(path)

    assert answer.text == PAGE.replace("</head>", LINK)
    assert answer.headers.get("content-length") == str(len(answer.content))


def test_the_etag_of_a_page_differs_from_that_of_the_unchanged_file(browser: TestClient) -> None:
    answer = browser.get("/", headers={"if-none-match": '"of-the-file"'})

    assert answer.status_code == 200
    assert "etag" not in answer.headers


def test_other_responses_are_unchanged(browser: TestClient) -> None:
    assert browser.get("/data").json() == {"html": "</head>"}
    assert browser.get("/", headers={"accept": "image/avif"}).text == PAGE


def test_a_downloaded_report_is_unchanged(browser: TestClient) -> None:
    assert browser.get("/report").text == PAGE


def test_browsers_fetch_the_script_again_only_when_it_changed(browser: TestClient) -> None:
    first = browser.get(SCRIPT, headers={"accept": "*/*"})
    second = browser.get(SCRIPT, headers={"accept": "*/*", "if-none-match": first.headers["etag"]})

    assert first.headers["content-type"].startswith("text/javascript")
    assert "addEventListener" in first.text
    assert (second.status_code, second.content) == (304, b"")
