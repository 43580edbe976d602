"""Predictions, probes, exports and deployments in the background: they go on when the page that began them is gone."""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from threading import Condition, Event, Lock, Thread
from typing import Any, Generic, TypeVar

from lib.domain.jobs import JobKind, JobState, Progress
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.errors import ServiceError, UnknownSession
from lib.store import Store
from lib.workflows.authorization import authorize, record_event

_LOG = logging.getLogger(__name__)
_DEFECT = "Something went wrong. The server's log has the details."
_KEPT_S = 24 * 3600

Result = TypeVar("Result")


class Job(Generic[Result]):
    """Work in the background. Its tasks report to it; pages read its progress and may stop it. Thread-safe.

    `subject` is the session's id, or the resource name of the model that is deployed. `owner` tells apart those who
    share limits: a person, a link or a visit. `title` names the job where a page lists several.
    """

    def __init__(self, kind: JobKind, subject: str, *, owner: str = "", title: str = "", total: int = 0) -> None:
        self.id = secrets.token_hex(16)
        self.kind = kind
        self.subject = subject
        self.owner = owner
        self.title = title
        self.result: Result | None = None
        self._error = ""
        self._stop_requested = Event()
        self._changed = Condition()
        self._counts = Counter[str](total=total)
        self._started_s = time.monotonic()
        self._ended_s: float | None = None

    @property
    def error(self) -> str:
        """Why the job failed; empty if it did not."""
        return self._error

    @property
    def ended_s(self) -> float | None:
        """When the last task ended, on the clock `time.monotonic`; None while one is open."""
        with self._changed:
            return self._ended_s

    @property
    def stop_requested(self) -> bool:
        """Whether tasks should skip what they have not begun."""
        return self._stop_requested.is_set()

    def progress(self) -> Progress:
        """Return how far the job is now."""
        with self._changed:
            return self._progress()

    def wait(self, timeout_s: float | None = None) -> Progress:
        """Wait until the last task has ended, or the time is up, and return the progress then."""
        with self._changed:
            self._changed.wait_for(lambda: self._counts["open"] == 0, timeout_s)
            return self._progress()

    def stop(self) -> None:
        """Skip what has not begun. Calls in flight still end, and are stored."""
        self._stop_requested.set()

    def fail(self, error: str) -> None:
        """Stop the job for a reason that people can read. The first reason stays."""
        self._error = self._error or error
        self.stop()

    def count(self, **changes: int) -> None:
        """Add to the counts of Progress: `total`, `done`, `failed`, `skipped` and `broken`."""
        with self._changed:
            self._counts.update(changes)
            self._changed.notify_all()

    def advance_to(self, done: int) -> None:
        """Set how much is done."""
        with self._changed:
            self._counts["done"] = done

    def begin(self) -> None:
        """Open a task. The job runs while a task is open."""
        with self._changed:
            self._counts["open"] += 1
            self._ended_s = None

    def end(self, result: Result | None = None) -> None:
        """Close a task, with the job's result if it has one."""
        with self._changed:
            self.result = result or self.result
            self._counts["open"] -= 1
            if not self._counts["open"]:
                self._ended_s = time.monotonic()
            self._changed.notify_all()

    def submit(self, executor: Executor, units: int, task: Callable[..., None], *args: Any) -> Future[None]:
        """Run a task that does `units` of the total in the executor."""
        self.begin()
        return executor.submit(self._run, units, task, *args)

    def start_thread(self, task: Callable[..., None], *args: Any) -> None:
        """Run the only task in a thread of its own, which does not keep the process alive."""
        self.begin()
        Thread(target=self._run, args=(0, task, *args), name=self.kind, daemon=True).start()

    def _run(self, units: int, task: Callable[..., None], *args: Any) -> None:
        # A defect in one task must reach the log and the page, or the job would seem to run forever.
        try:
            task(*args)
        except UnknownSession:
            # Somebody deleted the session: nobody waits for the rest.
            self.stop()
            self.count(skipped=units)
        except ServiceError as error:
            self.fail(str(error))
        except Exception:
            _LOG.exception("%s failed", task.__name__)
            self._error = self._error or _DEFECT
            self.count(broken=units)
        finally:
            self.end()

    def _progress(self) -> Progress:
        return Progress(
            state=self._find_state(),
            total=self._counts["total"],
            done=self._counts["done"],
            failed=self._counts["failed"],
            skipped=self._counts["skipped"],
            broken=self._counts["broken"],
            elapsed_s=(self._ended_s or time.monotonic()) - self._started_s,
        )

    def _find_state(self) -> JobState:
        if self._counts["open"]:
            return JobState.RUNNING
        if self._error:
            return JobState.FAILED
        return JobState.STOPPED if self.stop_requested else JobState.FINISHED


class Jobs:
    """The jobs of this process, so that every browser sees them. Keeps ended ones for a day. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: list[Job[Any]] = []

    def add(self, job: Job[Any]) -> None:
        """Remember a job."""
        with self._lock:
            self._add(job)

    def add_unless_running(self, job: Job[Any]) -> bool:
        """Remember a job unless one of its kind and subject is running; return whether it was added."""
        with self._lock:
            known = self._find(job.kind, job.subject)
            if any(not other.progress().ended for other in known):
                return False
            self._jobs = [other for other in self._jobs if other not in known]
            self._add(job)
            return True

    def find(self, kind: JobKind, subject: str = "") -> list[Job[Any]]:
        """Return the jobs of a kind, oldest first; with `subject`, those about that session or model."""
        with self._lock:
            return self._find(kind, subject)

    def find_running(self, kind: JobKind, subject: str) -> list[Job[Any]]:
        """Return the running jobs about a session or model, oldest first."""
        return [job for job in self.find(kind, subject) if not job.progress().ended]

    def forget(self, job: Job[Any]) -> None:
        """Drop a job."""
        with self._lock:
            self._jobs = [other for other in self._jobs if other is not job]

    def _add(self, job: Job[Any]) -> None:
        ended_before_s = time.monotonic() - _KEPT_S
        self._jobs = [known for known in self._jobs if known.ended_s is None or known.ended_s > ended_before_s]
        self._jobs.append(job)

    def _find(self, kind: JobKind, subject: str) -> list[Job[Any]]:
        return [job for job in self._jobs if job.kind is kind and subject in {"", job.subject}]


def stop_job(store: Store, actor: Actor, job: Job[Any]) -> None:
    """Stop a job of a session. Raises RoleMissing."""
    authorize(store, actor, Action.STOP, job.subject)
    job.stop()
    progress = job.progress()
    details = f"{progress.done:,} of {progress.total:,} predictions were done"
    record_event(store, actor, Action.STOP, job.subject, details)
