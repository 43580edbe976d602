"""HTTP requests and responses over a real port."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from threading import Event

import anyio
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from lib.serving.api_errors import too_many_requests, unavailable
from lib.serving.automl.rest_front import RestServer
from lib.serving.http_responses import RequestBody, answer_call, json_response

GO_ON = Event()
BEGUN: list[str] = []


def respond(request: Request, body: RequestBody) -> Response:
    if request.url.path == "/busy":
        raise too_many_requests(retry_after_s=1.5)
    BEGUN.append(request.scope["path"])
    if request.scope["path"] == "/slow":
        GO_ON.wait(60)
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
def test_an_oversized_body_is_measured_but_not_kept(http: httpx.Client, size_bytes: int, kept: bool) -> None:
    answer = http.post("/", content=bytes(size_bytes))

    assert answer.json() == {"kept": kept, "bytes": size_bytes}


def test_the_retry_after_header_rounds_the_delay_up_to_whole_seconds(http: httpx.Client) -> None:
    answer = http.get("/busy")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert answer.json()["error"]["details"][0]["retryDelay"] == "1.500s"


def test_an_error_without_a_delay_has_no_retry_after_header(http: httpx.Client) -> None:
    answer = http.get("/down")

    assert (answer.status_code, answer.json()["error"]["status"]) == (503, "UNAVAILABLE")
    assert "retry-after" not in answer.headers


@pytest.fixture
def slow_calls(http: httpx.Client) -> Iterator[Callable[[int], list[Future[int]]]]:
    """Start calls that complete when the fixture ends, and return the statuses of their responses."""
    GO_ON.clear()
    BEGUN.clear()
    with ThreadPoolExecutor(40) as callers:
        yield lambda count: [callers.submit(lambda: http.get("/slow").status_code) for _ in range(count)]
        GO_ON.set()


def test_calls_beyond_the_queue_limit_get_too_many_requests(slow_calls: Callable[[int], list[Future[int]]]) -> None:
    calls = slow_calls(40)

    refused = [next(answered).result() for answered in [as_completed(calls)] for _ in range(8)]
    GO_ON.set()

    assert refused == [429] * 8
    assert sorted(call.result() for call in calls) == [200] * 32 + [429] * 8


def test_a_queued_call_is_not_started_after_its_client_disconnects(
    http: httpx.Client, slow_calls: Callable[[int], list[Future[int]]]
) -> None:
    calls = slow_calls(16)
    while len(BEGUN) < 16:
        pass
    scope = {"type": "http", "method": "GET", "path": "/gone", "headers": [], "query_string": b""}
    messages: list[Message] = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, scope, receive, send)
    GO_ON.set()

    assert [call.result() for call in calls] == [200] * 16
    assert http.get("/down").status_code == 503
    assert (sent, "/gone" in BEGUN) == ([], False)
