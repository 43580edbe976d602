"""Health checks, with parts that work, fail and hang."""

import asyncio
from collections.abc import Callable
from threading import Event

import httpx
import pytest
from starlette.applications import Starlette

from lib.errors import NotReady
from lib.web.base_path import BasePath
from lib.web.health import Readiness, make_health_routes


def do_nothing() -> None:
    pass


def fail() -> None:
    raise NotReady("cannot be read")


def break_down() -> None:
    raise OSError("/srv/data of ada@example.com")


def ask(readiness: Readiness, *paths: str, base: str = "") -> list[httpx.Response]:
    """The answers to requests that are sent at once."""

    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(Starlette(routes=make_health_routes(BasePath(base), readiness)))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return list(await asyncio.gather(*map(client.get, paths)))

    return asyncio.run(go())


@pytest.mark.parametrize("path", ["/readyz", "/healthz", "/look/readyz", "/look/healthz"])
def test_a_server_whose_parts_work_is_ready(path: str) -> None:
    (answer,) = ask(Readiness({"database": do_nothing, "images": do_nothing}), path, base="/look")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {"status": "ok", "parts": {"database": "ok", "images": "ok"}}


def test_a_part_that_fails_is_named_with_its_reason() -> None:
    (answer,) = ask(Readiness({"database": fail, "images": do_nothing}), "/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "failed", "parts": {"database": "cannot be read", "images": "ok"}}


def test_an_unexpected_error_tells_strangers_nothing() -> None:
    (answer,) = ask(Readiness({"images": break_down}), "/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"] == {"images": "does not work: the server's log says why"}


def test_a_part_that_hangs_has_failed_and_is_not_checked_a_second_time() -> None:
    released, calls = Event(), list[None]()

    def hang() -> None:
        calls.append(None)
        released.wait()

    readiness = Readiness({"database": do_nothing, "images": hang}, within_s=0.1, kept_s=0)

    answers = [ask(readiness, "/readyz")[0].json()["parts"] for _ in range(3)]
    released.set()

    assert answers == [{"database": "ok", "images": "no answer within 0.1 s"}] * 3
    assert len(calls) == 1


def test_requests_at_once_and_soon_after_share_one_check() -> None:
    calls: list[None] = []
    check: Callable[[], None] = lambda: calls.append(None)  # noqa: E731
    readiness = Readiness({"database": check}, kept_s=3600)

    codes = [answer.status_code for answer in ask(readiness, *["/readyz"] * 50) + ask(readiness, "/healthz")]

    assert (codes, len(calls)) == ([200] * 51, 1)


def test_results_are_not_kept_for_long() -> None:
    calls: list[None] = []
    readiness = Readiness({"database": lambda: calls.append(None)}, kept_s=0)

    ask(readiness, "/readyz")
    ask(readiness, "/readyz")

    assert len(calls) == 2


def test_a_process_that_answers_is_alive_whatever_fails() -> None:
    (answer,) = ask(Readiness({"database": fail}), "/livez")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
