"""Health checks: whether the process answers, and whether each part of the server works."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Thread

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lib.errors import NotReady, ServiceError
from lib.telemetry.logs import get_logger
from lib.web import resources
from lib.web.base_path import ALIVE, HEALTH, BasePath

_LOG = get_logger(__name__)
_WITHIN_S = 3.0
_KEPT_S = 1.0
_OK, _FAILED = "ok", "failed"
_NOT_CACHED = {"cache-control": "no-store"}

Check = Callable[[], None]
"""Raises NotReady, or any other error, if a part does not work. May block."""


class Readiness:
    """Checks all parts at once, and keeps the results for a second. To be used in one event loop.

    A part that does not respond in time has failed. It is not checked again before that check has ended: however many
    requests come, a part has one check at a time.
    """

    def __init__(self, checks: Mapping[str, Check], *, within_s: float = _WITHIN_S, kept_s: float = _KEPT_S) -> None:
        self._checks = checks
        self._within_s = within_s
        self._kept_s = kept_s
        self._running: dict[str, Future[Exception | None]] = {}
        self._shared: asyncio.Task[dict[str, str]] | None = None
        self._results: dict[str, str] = {}
        self._checked_s = float("-inf")

    async def check(self) -> dict[str, str]:
        """Return "ok" or a short reason for each part."""
        if time.monotonic() - self._checked_s < self._kept_s:
            return self._results
        if self._shared is None:
            self._shared = asyncio.create_task(self._check_all())
        # A client that disconnects does not end the check for the others.
        return await asyncio.shield(self._shared)

    async def _check_all(self) -> dict[str, str]:
        try:
            for part in self._checks.keys() - self._running.keys():
                self._running[part] = _start(part, self._checks[part])
            await asyncio.wait(map(asyncio.wrap_future, self._running.values()), timeout=self._within_s)
            self._results = {part: self._take_result(part) for part in self._checks}
            self._checked_s = time.monotonic()
            return self._results
        finally:
            self._shared = None

    def _take_result(self, part: str) -> str:
        if self._running[part].done():
            error = self._running.pop(part).result()
            result = _describe(error)
        else:
            error, result = None, f"no answer within {self._within_s:g} s"
        # Probes repeat: only what is new is worth a line.
        if result not in {_OK, self._results.get(part)}:
            _LOG.warning("not ready", part=part, reason=result, exc_info=error)
        elif result == _OK != self._results.get(part, _OK):
            _LOG.warning("ready again", part=part)
        return result


def find_checks() -> dict[str, Check]:
    """Return the checks of this server by part."""
    return {
        "database": lambda: resources.store().check_database(),
        "migrations": lambda: resources.store().check_migrations(),
        "images": lambda: resources.store().check_images(),
        "prediction_service": _check_prediction_service,
    }


def _check_prediction_service() -> None:
    try:
        resources.built_in_client().find_versions("second-look", "us-central1")
    except ServiceError as error:
        raise NotReady("does not answer") from error


def make_health_routes(base: BasePath, readiness: Readiness) -> list[Route]:
    """Return the routes of HEALTH, at the host's root and below the base path."""

    async def report_ready(_: Request) -> JSONResponse:
        parts = await readiness.check()
        is_ready = set(parts.values()) == {_OK}
        content = {"status": _OK if is_ready else _FAILED, "parts": parts}
        return JSONResponse(content, 200 if is_ready else 503, _NOT_CACHED)

    paths = dict.fromkeys([*HEALTH, *map(base.join, HEALTH)])
    return [Route(path, _report_alive if path.endswith(ALIVE) else report_ready) for path in paths]


async def _report_alive(_: Request) -> JSONResponse:
    return JSONResponse({"status": _OK}, headers=_NOT_CACHED)


def _start(part: str, check: Check) -> Future[Exception | None]:
    # A check may hang: its thread does not keep the process from ending.
    ended: Future[Exception | None] = Future()
    Thread(target=lambda: ended.set_result(_find_error(check)), name=f"check-{part}", daemon=True).start()
    return ended


def _find_error(check: Check) -> Exception | None:
    try:
        check()
    except Exception as error:
        return error
    return None


def _describe(error: Exception | None) -> str:
    if error is None:
        return _OK
    # Anyone may read this; other errors may name hosts, folders and people.
    return str(error) if isinstance(error, NotReady) else "does not work: the server's log says why"
