"""HTTP calls in and out, over a real port."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.serving.http_answers import Body, answer_call, json_response
from lib.serving.refusals import busy, unavailable
from lib.serving.rest_server import RestServer


def respond(request: Request, body: Body) -> Response:
    if request.url.path == "/busy":
        raise busy(retry_after_s=1.5)
    if request.url.path == "/down":
        raise unavailable("Come back.")
    return json_response(f'{{"kept": {str(body.content is not None).lower()}, "bytes": {body.size_bytes}}}')


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await answer_call((scope, receive, send), 10, respond)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    server = RestServer(app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=30) as client:
        yield client
    server.stop()


@pytest.mark.parametrize(("size_bytes", "kept"), [(0, True), (10, True), (11, False), (1 << 20, False)])
def test_a_body_that_is_too_large_is_counted_and_not_kept(http: httpx.Client, size_bytes: int, kept: bool) -> None:
    answer = http.post("/", content=bytes(size_bytes))

    assert answer.json() == {"kept": kept, "bytes": size_bytes}


def test_a_wait_is_told_in_whole_seconds_in_a_header_too(http: httpx.Client) -> None:
    answer = http.get("/busy")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert answer.json()["error"]["details"][0]["retryDelay"] == "1.500s"


def test_a_refusal_without_a_wait_has_no_such_header(http: httpx.Client) -> None:
    answer = http.get("/down")

    assert (answer.status_code, answer.json()["error"]["status"]) == (503, "UNAVAILABLE")
    assert "retry-after" not in answer.headers
