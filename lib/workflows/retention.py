"""Deletes what is not needed any more: unused sessions with their images, except sessions whose review is signed off.

The app does so at the start and once a day, and `python -m lib retain` on request.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from lib.domain.people import Actor, Role
from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.errors import UnknownSession
from lib.store import Store
from lib.workflows.job_registry import Jobs
from lib.workflows.sessions import delete_session

RETENTION = Actor("retention", Role.ADMIN)
"""The timer that deletes expired sessions."""
COMMAND = Actor("retention command", Role.ADMIN)

_LOG = logging.getLogger(__name__)
_DAY_S = 86_400.0


def find_expired(store: Store, keep_days: int, now: datetime) -> list[Session]:
    """Return the sessions that were not used for `keep_days`."""
    return store.sessions.find_unused_since(now - timedelta(days=keep_days))


def delete_expired(
    store: Store, keep_days: int, now: datetime, actor: Actor = RETENTION, jobs: Jobs | None = None
) -> list[str]:
    """Delete the sessions that were not used for `keep_days`, and return a line for each. Raises RoleMissing."""
    lines = []
    for session in find_expired(store, keep_days, now):
        line = describe_loss(store, session)
        with suppress(UnknownSession):  # somebody else has just deleted it
            delete_session(store, actor, session.id, jobs)
            lines.append(line)
    return lines


def delete_unneeded(store: Store, keep_days: int, jobs: Jobs) -> Iterator[str]:
    """Delete image files of no image and, if `keep_days` is not 0, expired sessions; return a line for each kind."""
    now = datetime.now(UTC)
    orphans = store.images.delete_orphans(now)
    if orphans:
        yield f"{format_count(orphans, 'image')} of no session, which a process had left behind"
    if keep_days:
        yield from (f"unused session {line}" for line in delete_expired(store, keep_days, now, jobs=jobs))


class DailyCleanup:
    """Deletes what is not needed any more, at the start and once a day in the background, until it is stopped.

    `delete` returns lines about what it deleted, for the log. Failures are logged.
    """

    def __init__(self, delete: Callable[[], Iterable[str]], every_s: float = _DAY_S) -> None:
        self._delete = delete
        self._every_s = every_s
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop deleting, and wait until a deletion in progress has ended."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                for line in self._delete():
                    _LOG.warning("Deleted: %s", line)
            except Exception:
                _LOG.exception("What is not needed any more could not be deleted")
            self._stopped.wait(self._every_s)


def describe_loss(store: Store, session: Session) -> str:
    """Return a line with the session and what is lost with it."""
    own = store.sessions.count_own_images(session.id)
    created = f"created {session.created_at:%Y-%m-%d}{f' by {session.created_by}' if session.created_by else ''}"
    images = f"{format_count(session.image_count, 'image')}, {own} in no other session"
    return f"{session.id}  {session.title}  ({created}, {images})"
