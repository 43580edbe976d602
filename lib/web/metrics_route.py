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
from lib.store import Store
from lib.telemetry.logs import get_logger
from lib.telemetry.metrics import CONTENT_TYPE, ServerState, format_metrics
from lib.web import resources
from lib.web.api_callers import identify_admin
from lib.web.base_path import BasePath

_LOG = get_logger(__name__)
_PATH = "/metrics"
_SEARCHES = {"active": SessionSearch(), "archived": SessionSearch(archived=True)}
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
    """Return what this server is doing now. What is stored is NaN while the database fails."""
    service = resources.prediction_service()
    workers = {
        "image": resources.image_workers().count() + service.count_image_workers(),
        "model": service.count_workers(),
    }
    try:
        return ServerState(*_read_jobs(resources.store()), _count_sessions(resources.store()), workers)
    except Exception:
        # All other figures are needed most while the database fails.
        _LOG.warning("jobs and sessions cannot be counted", exc_info=True)
        jobs: dict[tuple[str, str], float] = {(kind, state): math.nan for kind in JobKind for state in JobState}
        return ServerState(dict.fromkeys(_IN_TASKS, math.nan), jobs, dict.fromkeys(_SEARCHES, math.nan), workers)


def _read_jobs(store: Store) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Return the tasks that are not done, by kind of job, and the number of jobs by kind and state."""
    # The stored progress is a second old at most. Asking each job would be a query for each.
    progress = {kind: [record.progress for record in store.jobs.find(kind)] for kind in JobKind}
    progress[JobKind.EXPORT] += [job.progress() for job in resources.exports().find()]
    counts = Counter((kind, each.state) for kind, found in progress.items() for each in found)
    return (
        {kind: sum(map(_count_left, progress[kind])) for kind in _IN_TASKS},
        {(kind, state): counts[kind, state] for kind in JobKind for state in JobState},
    )


def _count_left(progress: Progress) -> int:
    return 0 if progress.ended else progress.total - progress.done - progress.skipped - progress.broken


def _count_sessions(store: Store) -> dict[str, float]:
    return {state: store.sessions.count(search) for state, search in _SEARCHES.items()}
