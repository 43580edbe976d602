"""Locks of rows, which keep writers of the same images apart in PostgreSQL. SQLite has one writer at a time.

The rows of a matrix are sums over cells. Of two transactions that add a cell at once, neither would see the other's.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select

from lib.store.tables import images, session_images, sessions


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
