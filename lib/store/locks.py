"""Locks of rows, which keep writers of the same images apart in PostgreSQL. SQLite has one writer at a time.

The rows of a matrix are sums over cells. Of two transactions that add a cell at once, neither would see the other's.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from lib.store.tables import images, session_images, sessions

# A number that no other lock of this database has.
_ADDING = 8502


def lock_for_adding(connection: Connection, session_id: str) -> None:
    """Keep this session from being deleted while images are added to it, until the transaction ends.

    This lock comes before all others: whoever deletes a session locks its images first, and they must not become more.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock_shared(_ADDING, func.hashtext(session_id))))


def lock_image(connection: Connection, sha256: str) -> bool:
    """Lock the row of an image until the transaction ends. Return whether it is still there."""
    if connection.dialect.name == "sqlite":
        return True
    wanted = select(images.c.sha256).where(images.c.sha256 == sha256).with_for_update(key_share=True)
    return connection.execute(wanted).first() is not None


def lock_counts(connection: Connection, session_id: str) -> None:
    """Keep others from writing the counts of this session, until the transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(sessions.c.id).where(sessions.c.id == session_id).with_for_update(key_share=True))


def lock_for_deletion(connection: Connection, session_id: str) -> None:
    """Lock this session and all of its images against everybody, until the transaction ends."""
    if connection.dialect.name == "sqlite":
        return
    connection.execute(select(func.pg_advisory_xact_lock(_ADDING, func.hashtext(session_id))))
    own = select(session_images.c.sha256).where(session_images.c.session_id == session_id)
    wanted_images = select(images.c.sha256).where(images.c.sha256.in_(own)).order_by(images.c.sha256)
    connection.execute(wanted_images.with_for_update())
    connection.execute(select(sessions.c.id).where(sessions.c.id == session_id).with_for_update())


def lock_images(connection: Connection, session_id: str, sha256s: Sequence[str]) -> None:
    """Lock these images, this session, and all others that have the images, until the transaction ends.

    Every writer locks images before sessions, and both in the order of their keys: so no two wait for each other.
    """
    _lock(connection, images.c.sha256.in_(sha256s), session_id, session_images.c.sha256.in_(sha256s))


def lock_session(connection: Connection, session_id: str) -> None:
    """Lock this session and all of its images, until the transaction ends."""
    own = select(session_images.c.sha256).where(session_images.c.session_id == session_id)
    _lock(connection, images.c.sha256.in_(own), session_id, session_images.c.session_id == session_id)


def _lock(
    connection: Connection,
    of_images: ColumnElement[bool],
    session_id: str,
    of_sessions: ColumnElement[bool],
) -> None:
    if connection.dialect.name == "sqlite":
        return
    # The keys stay free, because rows that refer to them share a lock on these.
    wanted_images = select(images.c.sha256).where(of_images).order_by(images.c.sha256)
    having = select(session_images.c.session_id).where(of_sessions)
    concerned = sessions.c.id.in_(having) | (sessions.c.id == session_id)
    wanted_sessions = select(sessions.c.id).where(concerned).order_by(sessions.c.id)
    connection.execute(wanted_images.with_for_update(key_share=True))
    connection.execute(wanted_sessions.with_for_update(key_share=True))
