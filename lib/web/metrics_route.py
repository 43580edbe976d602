"""The figures of this process at /metrics, for Prometheus."""

import math
from collections import Counter

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lib.domain.jobs import JobKind, JobState, Progress
from lib.domain.sessions import SessionSearch
from lib.serving.automl.api_guard import ApiGuard, ApiRules
from lib.telemetry.logs import get_logger
from lib.telemetry.metrics import CONTENT_TYPE, ServerState, format_metrics
from lib.web import resources
from lib.web.api_callers import identify_admin
from lib.web.base_path import BasePath

_LOG = get_logger(__name__)
_PATH = "/metrics"
# The total of a deployment is in percent.
_IN_TASKS = (JobKind.PREDICTION, JobKind.PROBE, JobKind.EXPORT)


def make_metrics_route(base: BasePath, calls_per_minute: int) -> Route:
    """Return the route of the figures. Where people sign in, a caller needs an admin's token."""
    guarded = ApiGuard(_serve, ApiRules(calls_per_minute, identify_admin))
    return Route(base.join(_PATH), guarded, methods=["GET"])


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    content = await run_in_threadpool(lambda: format_metrics(read_state()))
    await Response(content, media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})(scope, receive, send)


def read_state() -> ServerState:
    """Return what this server is doing now."""
    progress = {kind: [job.progress() for job in resources.jobs().find(kind)] for kind in JobKind}
    progress[JobKind.EXPORT] += [job.progress() for job in resources.exports().find()]
    service = resources.prediction_service()
    return ServerState(
        queue={kind: sum(map(_count_left, progress[kind])) for kind in _IN_TASKS},
        jobs=_count_jobs(progress),
        sessions=_count_sessions(),
        workers={
            "image": resources.image_workers().count() + service.count_image_workers(),
            "model": service.count_workers(),
        },
    )


def _count_left(progress: Progress) -> int:
    return 0 if progress.ended else progress.total - progress.done - progress.skipped - progress.broken


def _count_jobs(progress: dict[JobKind, list[Progress]]) -> dict[tuple[str, str], int]:
    counts = Counter((kind, each.state) for kind, found in progress.items() for each in found)
    return {(kind, state): counts[kind, state] for kind in JobKind for state in JobState}


def _count_sessions() -> dict[str, float]:
    states = {"active": SessionSearch(), "archived": SessionSearch(archived=True)}
    try:
        return {state: resources.store().sessions.count(search) for state, search in states.items()}
    except Exception:
        # All other figures are needed most while the database fails.
        _LOG.warning("sessions cannot be counted", exc_info=True)
        return dict.fromkeys(states, math.nan)
