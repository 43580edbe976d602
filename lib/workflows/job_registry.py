"""The jobs of all processes that share a store: who runs them, how far they are, and who continues them."""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any, TypeAlias

from lib.domain.jobs import JobKind, JobRecord, JobState, Progress
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.errors import AppError, StorageUnavailable
from lib.store import Store
from lib.workflows.authorization import authorize, record_event
from lib.workflows.jobs import Job

LOST_AFTER_S = 15.0
"""A running job without a heartbeat for so long has lost its process."""

_LOG = logging.getLogger(__name__)
_EVERY_S = 1.0
_SWEEP_EVERY_S = 60.0
_KEPT = timedelta(days=1)
_INTERRUPTED = "The server was stopped before this ended. Start it again: results so far are kept."
_DEFECT = "The job could not be continued. The server's log has the details."

Continue: TypeAlias = Callable[[JobRecord], Job[Any]]
"""Continues a job that another process began."""


class OtherJob:
    """A job that another process runs, or ran: pages read its progress and may stop it."""

    def __init__(self, store: Store, record: JobRecord) -> None:
        self.id, self.kind, self.subject, self.title = record.id, record.kind, record.subject, record.title
        self._store = store
        self._record = record

    @property
    def error(self) -> str:
        """Why the job failed; empty if it did not."""
        return self._record.error

    def progress(self) -> Progress:
        """Return how far the job is now, as its process stored it last."""
        self._record = self._store.jobs.get(self.id) or self._record
        return self._record.progress

    def stop(self) -> None:
        """Have its process skip what has not begun."""
        self._store.jobs.request_stop(self.id)

    def wait(self, timeout_s: float) -> Progress:
        """Wait until the job has ended, or the time is up, and return the progress then."""
        until_s = time.monotonic() + timeout_s
        while not self.progress().ended and time.monotonic() < until_s:
            time.sleep(_EVERY_S / 5)
        return self.progress()


AnyJob: TypeAlias = Job[Any] | OtherJob


class Jobs:
    """The jobs in a store. This process runs some of them, and stores their progress once a second. Thread-safe.

    A job whose process was stopped or killed is continued here if `continue_by_kind` knows how, and fails otherwise.
    """

    def __init__(self, store: Store) -> None:
        self.worker = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
        self._store = store
        self._lock = Lock()
        self._own: dict[str, Job[Any]] = {}
        self.continue_by_kind: Mapping[JobKind, Continue] = {}
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to store progress, and to take over jobs of processes that have ended."""
        self._thread.start()

    def close(self, within_s: float) -> None:
        """End what is in flight, for some seconds at most, and leave the rest to the next process."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        until_s = time.monotonic() + within_s
        own = self._find_own()
        for job in own:
            if job.kind in self.continue_by_kind:
                job.pause()
            elif not job.progress().ended:
                job.fail(_INTERRUPTED)
        for job in own:
            job.wait(max(0.0, until_s - time.monotonic()))
        try:
            self.save()
            self._store.jobs.release(self.worker)
        except StorageUnavailable as error:  # then the next process waits until the heartbeats are old
            _LOG.warning("Jobs could not be handed back: %s", error)

    def add(self, job: Job[Any]) -> None:
        """Store a job that this process runs."""
        self._store.jobs.add(self._to_record(job))
        with self._lock:
            self._own[job.id] = job

    def add_unless_running(self, job: Job[Any]) -> bool:
        """Store a job unless one of its kind and subject is running; return whether it was added."""
        if not self._store.jobs.add_unless_running(self._to_record(job)):
            return False
        with self._lock:
            self._own[job.id] = job
        return True

    def find(self, kind: JobKind, subject: str = "") -> list[AnyJob]:
        """Return the jobs of a kind, oldest first; with `subject`, those about that session or model."""
        found = self._store.jobs.find(kind, subject)
        with self._lock:
            return [self._own.get(record.id) or OtherJob(self._store, record) for record in found]

    def find_running(self, kind: JobKind, subject: str) -> list[AnyJob]:
        """Return the running jobs about a session or model, oldest first."""
        return [job for job in self.find(kind, subject) if not job.progress().ended]

    def find_unfinished(self, session_id: str) -> list[AnyJob]:
        """Return the failed prediction jobs of a session that can be tried again."""
        failed = [job for job in self.find(JobKind.PREDICTION, session_id) if job.progress().state is JobState.FAILED]
        return [job for job in failed if self._store.incoming.count(job.id)]

    def forget(self, job: AnyJob) -> None:
        """Drop an ended job, with the files that it has not finished; a job that runs stays."""
        self.save()  # its end may be new
        keys = self._store.jobs.delete(job.id)
        if keys is None:
            return
        self._store.incoming.discard(keys)
        with self._lock:
            self._own.pop(job.id, None)

    def restart(self, job: AnyJob) -> bool:
        """Continue a failed job in this process; return whether it had failed."""
        self.save()  # the failure may be new
        record = self._store.jobs.restart(job.id, self.worker, datetime.now(UTC))
        if record is None:
            return False
        self._continue(record)
        return True

    def save(self) -> None:
        """Store progress and heartbeat of the jobs of this process, and obey requests to stop them."""
        for job in self._find_own():
            record = self._to_record(job)
            stop_requested = self._store.jobs.save(record)
            if stop_requested is None:
                job.pause()  # it was taken over, or its session was deleted
            elif stop_requested:
                job.stop()
            if stop_requested is None or record.progress.ended:
                self._close_job(job, record.progress.state)

    def take_over(self) -> None:
        """Continue the running jobs of processes that have ended."""
        now = datetime.now(UTC)
        for record in self._store.jobs.take_over(self.worker, now, now - timedelta(seconds=LOST_AFTER_S)):
            _LOG.warning("Continuing a job (%s) whose process has ended", record.kind)
            self._continue(record)

    def sweep(self) -> None:
        """Forget jobs that ended a day ago, and delete files that a process left behind which was killed."""
        now = datetime.now(UTC)
        self._store.jobs.delete_ended(now - _KEPT)
        count = self._store.incoming.delete_leftovers(now)
        if count:
            _LOG.warning("Deleted %d files that a process left behind", count)

    def _continue(self, record: JobRecord) -> None:
        job = self._continue_or_fail(record)
        with self._lock:
            self._own[job.id] = job

    def _continue_or_fail(self, record: JobRecord) -> Job[Any]:
        reason = _INTERRUPTED
        if record.kind in self.continue_by_kind:
            try:
                return self.continue_by_kind[record.kind](record)
            except AppError as error:  # such as missing credentials for a provider
                reason = str(error)
            except Exception:
                _LOG.exception("A job could not be continued")
                reason = _DEFECT
        job = Job[Any].continued(record)
        job.count(total=record.progress.total, done=record.progress.done)
        job.fail(reason)
        return job

    def _close_job(self, job: Job[Any], state: JobState) -> None:
        if state in {JobState.FINISHED, JobState.STOPPED}:
            self._store.incoming.forget(job.id)
        with self._lock:
            self._own.pop(job.id, None)

    def _find_own(self) -> list[Job[Any]]:
        with self._lock:
            return list(self._own.values())

    def _keep(self) -> None:
        swept_s = float("-inf")
        while not self._ended.is_set():
            try:
                self.save()
                self.take_over()
                if time.monotonic() > swept_s + _SWEEP_EVERY_S:
                    swept_s = time.monotonic()
                    self.sweep()
            except StorageUnavailable as error:
                _LOG.warning("Jobs could not be stored: %s", error)
            except Exception:
                _LOG.exception("Jobs could not be stored")
            self._ended.wait(_EVERY_S)

    def _to_record(self, job: Job[Any]) -> JobRecord:
        return JobRecord(
            id=job.id,
            kind=job.kind,
            subject=job.subject,
            owner=job.owner,
            title=job.title,
            request=job.request,
            started_at=job.started_at,
            worker=self.worker,
            heartbeat_at=datetime.now(UTC),
            progress=job.progress(),
            error=job.error,
            stop_requested=job.stop_requested and not job.error,
        )


def stop_job(store: Store, actor: Actor, job: AnyJob) -> None:
    """Stop a job of a session. Raises RoleMissing."""
    authorize(store, actor, Action.STOP, job.subject)
    job.stop()
    store.jobs.request_stop(job.id)  # also for the process that continues it, should this one end
    progress = job.progress()
    details = f"{progress.done:,} of {progress.total:,} predictions were done"
    record_event(store, actor, Action.STOP, job.subject, details)
