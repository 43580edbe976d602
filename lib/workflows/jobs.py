"""Work in the background: predictions, probes, exports and deployments go on when the page that began them is gone."""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from threading import Condition, Event, Thread
from typing import Any, Generic, Self, TypeVar

from lib.domain.jobs import JobKind, JobRecord, JobState, Progress
from lib.errors import ServiceError, StorageUnavailable, UnknownSession

_LOG = logging.getLogger(__name__)
_DEFECT = "Something went wrong. The server's log has the details."

Result = TypeVar("Result")


class Job(Generic[Result]):
    """Work in the background. Its tasks report to it; pages read its progress and may stop it. Thread-safe.

    `subject` is the session's id, or the resource name of the model that is deployed. `owner` tells apart those who
    share limits: a person, a link or a visit. `title` names the job where a page lists several. `request` is what
    another process needs to continue the job, as JSON values.
    """

    def __init__(self, kind: JobKind, subject: str, *, owner: str = "", title: str = "", total: int = 0) -> None:
        self.id = secrets.token_hex(16)
        self.kind = kind
        self.subject = subject
        self.owner = owner
        self.title = title
        self.request: dict[str, Any] = {}
        self.started_at = datetime.now(UTC)
        self.result: Result | None = None
        self._error = ""
        self._stop_requested = Event()
        self._paused = Event()
        self.abandoned = Event()
        """Set when the store fails: what has not begun would wait in vain, too. It is listed there, for a retry."""
        self._changed = Condition()
        self._counts = Counter[str](total=total)
        self._started_s = time.monotonic()
        self._ended_s: float | None = None

    @classmethod
    def continued(cls, record: JobRecord) -> Self:
        """Return a job that another process began, to do what is left of it."""
        job = cls(record.kind, record.subject, owner=record.owner, title=record.title)
        job.id, job.started_at, job.request = record.id, record.started_at, record.request
        return job

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

    @property
    def is_paused(self) -> bool:
        """Whether the rest of the job is left to another process."""
        return self._paused.is_set()

    def pause(self) -> None:
        """Leave what has not begun to another process, because this one ends. The job stays a running one."""
        self._paused.set()

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
            if not (self._paused.is_set() or self.abandoned.is_set()):
                task(*args)
        except UnknownSession:
            # Somebody deleted the session: nobody waits for the rest.
            self.stop()
            self.count(skipped=units)
        except ServiceError as error:
            self.fail(str(error))
        except StorageUnavailable as error:
            self.abandoned.set()
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
        if self._counts["open"] or self._paused.is_set():
            return JobState.RUNNING
        if self._error:
            return JobState.FAILED
        return JobState.STOPPED if self.stop_requested else JobState.FINISHED
