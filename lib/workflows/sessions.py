"""What people do with sessions as a whole."""

from datetime import UTC, datetime

from lib.domain.jobs import JobKind
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.store import Store
from lib.workflows.authorization import authorize, record_event
from lib.workflows.job_registry import Jobs

_ENDS_WITHIN_S = 10


def create_session(store: Store, actor: Actor, title: str) -> Session:
    """Create an empty session. Raises RoleMissing."""
    authorize(store, actor, Action.CREATE_SESSION)
    session = store.sessions.create(title, datetime.now(UTC), actor.name)
    record_event(store, actor, Action.CREATE_SESSION, session.id, session.title)
    return session


def rename_session(store: Store, actor: Actor, session_id: str, title: str) -> None:
    """Give the session another title, unless it is empty or the same. Raises RoleMissing and UnknownSession."""
    authorize(store, actor, Action.RENAME_SESSION, session_id)
    before, wanted = store.sessions.get(session_id).title, title.strip()
    if wanted and wanted != before:
        store.sessions.rename(session_id, wanted)
        record_event(store, actor, Action.RENAME_SESSION, session_id, f"{before} → {wanted}")


def archive_session(store: Store, actor: Actor, session_id: str) -> None:
    """Put the session away. Raises RoleMissing and UnknownSession."""
    authorize(store, actor, Action.ARCHIVE_SESSION, session_id)
    title = store.sessions.get(session_id).title
    store.sessions.archive(session_id, datetime.now(UTC))
    record_event(store, actor, Action.ARCHIVE_SESSION, session_id, title)


def restore_session(store: Store, actor: Actor, session_id: str) -> None:
    """Take the session out of the archive. Raises RoleMissing and UnknownSession."""
    authorize(store, actor, Action.RESTORE_SESSION, session_id)
    title = store.sessions.get(session_id).title
    store.sessions.archive(session_id, None)
    record_event(store, actor, Action.RESTORE_SESSION, session_id, title)


def delete_session(store: Store, actor: Actor, session_id: str, jobs: Jobs | None = None) -> None:
    """Stop the session's jobs in this process, and delete it: admins only. Raises RoleMissing and UnknownSession."""
    authorize(store, actor, Action.DELETE_SESSION, session_id)
    session = store.sessions.get(session_id)
    for kind in (JobKind.PREDICTION, JobKind.PROBE):
        for job in jobs.find_running(kind, session_id) if jobs else []:
            job.stop()
            job.wait(_ENDS_WITHIN_S)
    store.sessions.delete(session_id)
    details = f"{session.title}, {format_count(session.image_count, 'image')}"
    record_event(store, actor, Action.DELETE_SESSION, session_id, details)


def dismiss_file_errors(store: Store, actor: Actor, session_id: str) -> None:
    """Forget which files could not be taken into the session, and why. Raises RoleMissing."""
    authorize(store, actor, Action.DISMISS_FILE_ERRORS, session_id)
    count = len(store.images.find_rejected_files(session_id))
    store.images.clear_rejected_files(session_id)
    record_event(store, actor, Action.DISMISS_FILE_ERRORS, session_id, format_count(count, "file"))
