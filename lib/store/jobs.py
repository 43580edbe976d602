"""Background jobs of all processes that share the store, with their progress."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, text, update

from lib.domain.jobs import JobKind, JobRecord, JobState, Progress
from lib.store.database import AnyRow, Repository
from lib.store.job_tables import job_files, jobs


class StoredJobs(Repository):
    """Jobs by their ids. A running job whose heartbeat is old has lost its process."""

    def add(self, record: JobRecord) -> None:
        """Store a new job."""
        with self._database.engine.begin() as connection:
            connection.execute(insert(jobs).values(**_to_row(record)))

    def add_unless_running(self, record: JobRecord) -> bool:
        """Store a new job, in place of ended ones of its kind and subject, unless one is running; return whether."""
        same = jobs.c.kind == record.kind.value, jobs.c.subject == record.subject
        with self._database.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE"))
            running = select(jobs.c.id).where(*same, jobs.c.state == JobState.RUNNING.value)
            if connection.execute(running).first():
                return False
            connection.execute(delete(jobs).where(*same))
            connection.execute(insert(jobs).values(**_to_row(record)))
        return True

    def save(self, record: JobRecord) -> bool | None:
        """Store progress and heartbeat of a job, if it still belongs to the worker of the record.

        Return whether somebody wants it to stop; None if it belongs to another worker, or was deleted.
        """
        own = jobs.c.id == record.id, jobs.c.worker == record.worker
        changed = {"heartbeat_at": record.heartbeat_at, "error": record.error, **_to_columns(record.progress)}
        if record.stop_requested:
            changed["stop_requested"] = True
        with self._database.engine.begin() as connection:
            if not connection.execute(update(jobs).where(*own).values(**changed)).rowcount:
                return None
            return bool(connection.execute(select(jobs.c.stop_requested).where(*own)).scalar_one())

    def get(self, job_id: str) -> JobRecord | None:
        """Return the job with this id; None if there is none."""
        found = self._database.find(select(jobs).where(jobs.c.id == job_id))
        return _to_record(found[0]) if found else None

    def find(self, kind: JobKind, subject: str = "") -> list[JobRecord]:
        """Return the jobs of a kind, oldest first; with `subject`, those about that session or model."""
        wanted = select(jobs).where(jobs.c.kind == kind.value).order_by(jobs.c.started_at, jobs.c.id)
        return [
            _to_record(row)
            for row in self._database.find(wanted.where(jobs.c.subject == subject) if subject else wanted)
        ]

    def request_stop(self, job_id: str) -> None:
        """Have the process of the job stop it."""
        with self._database.engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(stop_requested=True))

    def take_over(self, worker: str, at: datetime, heartbeat_before: datetime) -> list[JobRecord]:
        """Make the worker the owner of running jobs that have none, or whose owner shows no sign of life since then."""
        is_abandoned = or_(jobs.c.worker == "", jobs.c.heartbeat_at < heartbeat_before)
        # A process that waited long for the database lives all the same.
        its = jobs.c.state == JobState.RUNNING.value, jobs.c.worker != worker, is_abandoned
        return self._claim(*its, worker=worker, at=at)

    def restart(self, job_id: str, worker: str, at: datetime) -> JobRecord | None:
        """Make the worker the owner of a failed job, which runs again; return None if it has not failed."""
        has_failed = jobs.c.state == JobState.FAILED.value
        claimed = self._claim(jobs.c.id == job_id, has_failed, worker=worker, at=at, stop_requested=False)
        return next(iter(claimed), None)

    def release(self, worker: str) -> None:
        """Hand back the running jobs of a worker that ends: any other may take them over at once."""
        its = update(jobs).where(jobs.c.worker == worker, jobs.c.state == JobState.RUNNING.value)
        with self._database.engine.begin() as connection:
            connection.execute(its.values(worker=""))

    def delete(self, job_id: str) -> list[str] | None:
        """Forget an ended job and what it had to do, and return the keys of files that wait; None if it runs."""
        is_ended = jobs.c.id == job_id, jobs.c.state != JobState.RUNNING.value
        its_files = job_files.c.job_id == job_id
        with self._database.engine.begin() as connection:
            if not connection.execute(select(jobs.c.id).where(*is_ended).with_for_update()).first():
                return None
            waiting = select(job_files.c.key).where(its_files, job_files.c.key != "")
            keys = list(connection.execute(waiting).scalars())
            connection.execute(delete(job_files).where(its_files))
            connection.execute(delete(jobs).where(jobs.c.id == job_id))
        return keys

    def delete_ended(self, before: datetime) -> None:
        """Forget jobs that ended before then, except those with files that wait for a retry."""
        waits = exists().where(job_files.c.job_id == jobs.c.id)
        old = jobs.c.state != JobState.RUNNING.value, jobs.c.heartbeat_at < before
        with self._database.engine.begin() as connection:
            connection.execute(delete(jobs).where(*old, ~waits))

    def _claim(self, *wanted: ColumnElement[bool], worker: str, at: datetime, **changed: bool) -> list[JobRecord]:
        claimed = {"worker": worker, "heartbeat_at": at, "state": JobState.RUNNING.value, "error": "", **changed}
        ids = select(jobs.c.id).where(*wanted).with_for_update(skip_locked=True)
        with self._database.engine.begin() as connection:
            chosen = connection.execute(ids).scalars().all()
            rows = connection.execute(update(jobs).where(jobs.c.id.in_(chosen)).values(**claimed).returning(jobs)).all()
        return sorted((_to_record(row) for row in rows), key=lambda record: record.started_at)


def _to_row(record: JobRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in _SAME_NAMES}
    return {**row, "kind": record.kind.value, **_to_columns(record.progress)}


def _to_columns(progress: Progress) -> dict[str, Any]:
    return {**asdict(progress), "state": progress.state.value}


def _to_record(row: AnyRow) -> JobRecord:
    progress = Progress(JobState(row.state), row.total, row.done, row.failed, row.skipped, row.broken, row.elapsed_s)
    return JobRecord(kind=JobKind(row.kind), progress=progress, **{name: getattr(row, name) for name in _SAME_NAMES})


_SAME_NAMES = (
    "id",
    "subject",
    "owner",
    "title",
    "request",
    "started_at",
    "worker",
    "heartbeat_at",
    "error",
    "stop_requested",
)
