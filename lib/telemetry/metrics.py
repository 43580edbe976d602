"""Figures of this process in Prometheus's text format. docs/operate.md describes each."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
MOST_VERSIONS = 200
"""Versions that are counted by name. All others are counted together, as OTHER."""

OTHER = "(other)"
_LONGEST_NAME = 80
_CALL_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_STATEMENT_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STATEMENTS = frozenset({"begin", "select", "insert", "update", "delete"})

disable_created_metrics()  # type: ignore[no-untyped-call]
_REGISTRY = CollectorRegistry()
ProcessCollector(registry=_REGISTRY)
_PREDICTIONS = Counter(
    "second_look_predictions", "Prediction calls.", ["provider", "version", "outcome"], registry=_REGISTRY
)
_PREDICTION_TIME = Histogram(
    "second_look_prediction_seconds",
    "Time of a prediction call, with its retries.",
    ["provider"],
    buckets=_CALL_S,
    registry=_REGISTRY,
)
_STATEMENT_TIME = Histogram(
    "second_look_database_seconds",
    "Time of a statement in the database.",
    ["statement"],
    buckets=_STATEMENT_S,
    registry=_REGISTRY,
)
_DATABASE_ERRORS = Counter("second_look_database_errors", "Statements that failed.", registry=_REGISTRY)
_QUEUE = Gauge("second_look_queue", "Tasks of running jobs that are not done.", ["kind"], registry=_REGISTRY)
_JOBS = Gauge("second_look_jobs", "Jobs that run, or ended within a day.", ["kind", "state"], registry=_REGISTRY)
_SESSIONS = Gauge("second_look_sessions", "Stored sessions.", ["state"], registry=_REGISTRY)
_WORKERS = Gauge("second_look_workers", "Worker processes.", ["kind"], registry=_REGISTRY)


@dataclass(frozen=True, slots=True)
class ServerState:
    """What a server is doing now. `queue` and `workers` are by kind, `jobs` by kind and state, `sessions` by state."""

    queue: Mapping[str, float]
    jobs: Mapping[tuple[str, str], float]
    sessions: Mapping[str, float]
    workers: Mapping[str, int]


class _VersionNames:
    """Names of versions as labels: printable, short and few. They come from strangers, and each costs memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: set[str] = set()

    def find_label(self, name: str) -> str:
        label = "".join(character if character.isprintable() else "?" for character in name[:_LONGEST_NAME])
        with self._lock:
            if label not in self._known and len(self._known) >= MOST_VERSIONS:
                return OTHER
            self._known.add(label)
            return label


_VERSION_NAMES = _VersionNames()


def count_prediction(provider: str, version: str, outcome: str, *, duration_s: float) -> None:
    """Count a prediction call of `version`: family and version name. `outcome` is one of a few words."""
    _PREDICTIONS.labels(provider, _VERSION_NAMES.find_label(version), outcome).inc()
    _PREDICTION_TIME.labels(provider).observe(duration_s)


def count_statement(sql: str, *, duration_s: float) -> None:
    """Count a statement that the database executed."""
    verb = "".join(sql.lstrip()[:10].split(maxsplit=1)[:1]).lower()
    _STATEMENT_TIME.labels(verb if verb in _STATEMENTS else "other").observe(duration_s)


def count_database_error() -> None:
    """Count a statement that failed."""
    _DATABASE_ERRORS.inc()


def format_metrics(state: ServerState) -> bytes:
    """Return all figures, those of `state` and those counted so far, in the format CONTENT_TYPE."""
    for gauge, values in ((_QUEUE, state.queue), (_SESSIONS, state.sessions), (_WORKERS, state.workers)):
        for label, value in values.items():
            gauge.labels(label).set(value)
    for labels, count in state.jobs.items():
        _JOBS.labels(*labels).set(count)
    return generate_latest(_REGISTRY)
