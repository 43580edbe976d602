"""The sessions: made, found, named, put away, and deleted."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, update

from lib.domain.sessions import Session, SessionSearch, SessionSummary
from lib.store import queries
from lib.store.connected import Connected
from lib.store.people_tables import shares
from lib.store.summaries import select_count, select_stale, select_summaries, sum_up_session
from lib.store.tables import (
    images,
    matrix_cells,
    matrix_rows,
    records,
    refusals,
    reviews,
    session_asked,
    session_images,
    session_versions,
    sessions,
    trials,
    verdict_readings,
    verdicts,
)
from lib.store.texts import storable

_ALL = SessionSearch()
# In this order, as some refer to others.
_WITH_SESSION = (
    refusals,
    session_asked,
    session_versions,
    verdict_readings,
    verdicts,
    reviews,
    shares,
    trials,
    matrix_rows,
    matrix_cells,
    session_images,
)


class Sessions(Connected):
    """Titled sets of images."""

    def find_state(self) -> tuple[int, ...]:
        """Numbers that are others as soon as images, answers or truths of any session have changed."""
        return tuple(self._find(queries.STATE)[0])

    def create_session(self, title: str, at: datetime, by: str = "") -> Session:
        """A new, empty session; its id cannot be guessed, and no command line takes it for an option."""
        session = Session(secrets.token_hex(9), storable(title), at, created_by=storable(by))
        row = {"id": session.id, "title": session.title, "created_at": at, "created_by": session.created_by}
        with self._engine.begin() as connection:
            connection.execute(insert(sessions).values(row))
        return session

    def get_session(self, session_id: str) -> Session:
        """The session of this id. Raises UnknownSession."""
        return Session(*self._demand_session(session_id))

    def find_sessions(self, search: SessionSearch = _ALL, offset: int = 0, limit: int = 50) -> list[SessionSummary]:
        """One page of the sessions that the search asks for, each summed up as it is now."""
        self._sum_up(search, offset, limit)
        found = self._find(select_summaries(search).offset(offset).limit(limit))
        return [SessionSummary(Session(*row[:7]), *row[7:]) for row in found]

    def count_sessions(self, search: SessionSearch = _ALL) -> int:
        """How many sessions the search finds."""
        return self._count(select_count(search))

    def rename_session(self, session_id: str, title: str) -> None:
        """Give the session another title."""
        self._change(session_id, title=title)

    def archive_session(self, session_id: str, at: datetime | None) -> None:
        """Put the session away; None: bring it back."""
        self._change(session_id, archived_at=at)

    def count_own_images(self, session_id: str) -> int:
        """How many images no other session has: those that are lost with it."""
        return len(self._find(queries.OWN_IMAGES, session_id=session_id))

    def delete_session(self, session_id: str) -> None:
        """Delete the session, and all images and answers that no other session shows."""
        with self._engine.begin() as connection:
            sha256s = connection.execute(queries.OWN_IMAGES, {"session_id": session_id}).scalars().all()
            for table in _WITH_SESSION:
                connection.execute(delete(table).where(table.c.session_id == session_id))
            self._delete_images(connection, sha256s)
            for statement in (queries.DELETE_OWN_RECORDS, queries.HAND_OVER_RECORDS):
                connection.execute(statement, {"session_id": session_id})
            connection.execute(delete(sessions).where(sessions.c.id == session_id))
            # Before the end of the transaction, so that nobody can bring the same image in between: see add_image.
            for sha256 in sha256s:
                self._files.delete(sha256)

    def _delete_images(self, connection: Connection, sha256s: Sequence[str]) -> None:
        for table in (records, images):
            gone = delete(table).where(table.c.sha256 == bindparam("gone"))
            if sha256s:
                connection.execute(gone, [{"gone": sha256} for sha256 in sha256s])

    def _change(self, session_id: str, **values: str | datetime | None) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(sessions).where(sessions.c.id == session_id).values(**values))

    def _sum_up(self, search: SessionSearch, offset: int, limit: int) -> None:
        stale = self._find(select_stale(search, offset, limit))
        if stale:
            with self._engine.begin() as connection:
                for (session_id,) in stale:
                    sum_up_session(connection, session_id)
