"""Sessions: create, find, rename, archive and delete."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from lib.domain.reviews import ReviewStatus
from lib.domain.sessions import Session, SessionSearch, SessionSummary
from lib.store import queries
from lib.store.columns import storable
from lib.store.database import Repository
from lib.store.job_tables import job_files, jobs
from lib.store.locks import lock_for_deletion
from lib.store.people_tables import shares
from lib.store.summaries import renew_counts, select_count, select_stale, select_summaries
from lib.store.tables import (
    annotations,
    images,
    matrix_cells,
    matrix_rows,
    probe_results,
    records,
    rejected_files,
    review_settings,
    session_coverage,
    session_images,
    session_versions,
    sessions,
)

_ALL = SessionSearch()
# In this order, because of foreign keys.
_WITH_SESSION = (
    job_files,
    rejected_files,
    session_versions,
    session_coverage,
    annotations,
    review_settings,
    shares,
    probe_results,
    matrix_rows,
    matrix_cells,
    session_images,
)


class Sessions(Repository):
    """Titled sets of images."""

    def find_state(self) -> tuple[int, ...]:
        """Return numbers that change with every change of images, predictions, true labels or marks of any session."""
        return tuple(self._database.find(queries.STATE)[0])

    def create(self, title: str, at: datetime, by: str = "") -> Session:
        """Create an empty session. Its id cannot be guessed, and never looks like a command-line option."""
        session = Session(secrets.token_hex(9), storable(title), at, created_by=storable(by))
        row = {
            "id": session.id,
            "title": session.title,
            "created_at": at,
            "created_by": session.created_by,
            "review_seed": secrets.token_hex(16),
        }
        with self._database.engine.begin() as connection:
            connection.execute(insert(sessions).values(row))
        return session

    def get(self, session_id: str) -> Session:
        """Return the session with this id. Raises UnknownSession."""
        return Session(*self._database.get_session_row(session_id))

    def find(self, search: SessionSearch = _ALL, offset: int = 0, limit: int = 50) -> list[SessionSummary]:
        """Return a page of the sessions that match the search, with current counts."""
        self._sum_up(search, offset, limit)
        found = self._database.find(select_summaries(search).offset(offset).limit(limit))
        return [SessionSummary(Session(*row[:7]), *row[7:]) for row in found]

    def count(self, search: SessionSearch = _ALL) -> int:
        """Return the number of sessions that match the search."""
        return self._database.count(select_count(search))

    def rename(self, session_id: str, title: str) -> None:
        """Change the title of the session."""
        self._change(session_id, title=title)

    def archive(self, session_id: str, at: datetime | None) -> None:
        """Archive the session; None restores it."""
        self._change(session_id, archived_at=at)

    def count_own_images(self, session_id: str) -> int:
        """Return the number of images that no other session has, which are deleted with this one."""
        return len(self._database.find(queries.OWN_IMAGES, session_id=session_id))

    def delete(self, session_id: str) -> None:
        """Delete the session, and all images and records that no other session shows."""
        with self._database.engine.begin() as connection:
            lock_for_deletion(connection, session_id)
            sha256s = connection.execute(queries.OWN_IMAGES, {"session_id": session_id}).scalars().all()
            its_files = job_files.c.session_id == session_id, job_files.c.key != ""
            waiting = connection.execute(select(job_files.c.key).where(*its_files)).scalars().all()
            for table in _WITH_SESSION:
                connection.execute(delete(table).where(table.c.session_id == session_id))
            connection.execute(delete(jobs).where(jobs.c.subject == session_id))
            self._delete_images(connection, sha256s)
            for statement in (queries.DELETE_OWN_RECORDS, queries.HAND_OVER_RECORDS):
                connection.execute(statement, {"session_id": session_id})
            connection.execute(delete(sessions).where(sessions.c.id == session_id))
            # Within the transaction, so that nobody can add the same image in between: see Images.add.
            self._database.files.delete(sha256s)
            for key in waiting:
                self._database.incoming_files.delete(key)

    def find_unused_since(self, moment: datetime) -> list[Session]:
        """Return sessions without any activity since then, oldest first: not created, no requests, and no new images,
        records or annotations. Sessions with a signed-off review are never among them.
        """
        its_image = session_images.c.session_id == sessions.c.id
        its_version = session_versions.c.session_id == sessions.c.id
        its_record = (
            its_image,
            its_version,
            records.c.sha256 == session_images.c.sha256,
            records.c.version_id == session_versions.c.version_id,
            records.c.requested_at >= moment,
        )
        statement = (
            select(sessions.c.id)
            .where(
                sessions.c.created_at < moment,
                ~exists().where(its_image, session_images.c.added_at >= moment),
                ~exists().where(its_version, session_versions.c.requested_at >= moment),
                ~exists().where(*its_record),
                ~exists().where(annotations.c.session_id == sessions.c.id, annotations.c.made_at >= moment),
                ~exists().where(
                    review_settings.c.session_id == sessions.c.id, review_settings.c.status == ReviewStatus.DONE.name
                ),
            )
            .order_by(sessions.c.created_at, sessions.c.number)
        )
        ids = [session_id for (session_id,) in self._database.find(statement)]
        return [Session(*self._database.find(queries.SESSION, session_id=session_id)[0]) for session_id in ids]

    def _delete_images(self, connection: Connection, sha256s: Sequence[str]) -> None:
        for table in (records, images):
            gone = delete(table).where(table.c.sha256 == bindparam("gone"))
            if sha256s:
                connection.execute(gone, [{"gone": sha256} for sha256 in sha256s])

    def _change(self, session_id: str, **values: str | datetime | None) -> None:
        with self._database.engine.begin() as connection:
            connection.execute(update(sessions).where(sessions.c.id == session_id).values(**values))

    def _sum_up(self, search: SessionSearch, offset: int, limit: int) -> None:
        for (session_id,) in self._database.find(select_stale(search, offset, limit)):
            renew_counts(self._database, session_id)
