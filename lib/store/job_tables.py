"""Tables of background jobs and of what they have to do. Changes need a migration, as in tables.py."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, false

from lib.store.columns import SanitizedText, UtcDateTime
from lib.store.tables import METADATA

# `worker` names the process that runs the job, and is empty for a job that its process has handed back. `heartbeat_at`
# moves on while the process lives. `request` is what another process needs to continue the job.
jobs = Table(
    "jobs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", SanitizedText, nullable=False),
    Column("owner", SanitizedText, nullable=False),
    Column("title", SanitizedText, nullable=False),
    Column("request", JSON, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("worker", SanitizedText, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("stop_requested", Boolean, nullable=False, server_default=false()),
    Column("state", String(16), nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("broken", Integer, nullable=False),
    Column("elapsed_s", Float, nullable=False),
    Column("error", SanitizedText, nullable=False),
    Index("jobs_by_subject", "kind", "subject"),
)

# Files and images of a prediction job, in order. A file waits under `key` until it is an image of the session; from
# then on it is known by `sha256`, and `key` is empty. Rejected files are removed; the rest goes with the job's end.
job_files = Table(
    "job_files",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("name", SanitizedText, nullable=False),
    Column("key", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("job_files_by_job", "job_id", "id"),
    Index("job_files_by_session", "session_id"),
    # A task may still know the number of a row that is gone.
    sqlite_autoincrement=True,
)
