"""All that is kept, behind one door."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, select

from lib.domain.image import Image, PreparedImage
from lib.domain.prediction import ModelVersion, Record
from lib.domain.session import Arrival, Refusal, Session
from lib.errors import UnknownSession
from lib.store.engine import open_engine, reading, upsert
from lib.store.image_files import ImageFiles
from lib.store.records import Records
from lib.store.tables import images, records, refusals, session_images, sessions
from lib.store.texts import storable

_IMAGE = (
    images.c.sha256,
    session_images.c.name,
    images.c.media_type,
    images.c.width_px,
    images.c.height_px,
    images.c.size_bytes,
    session_images.c.steps,
)


class Store:
    """Sessions, their images and what versions said of them. Safe to share between threads.

    `database_url` is any SQLAlchemy URL, `images_url` a folder or any fsspec URL. Every method that adds has written
    when it returns. Times are in UTC.
    """

    def __init__(self, database_url: str, images_url: str) -> None:
        self._engine = open_engine(database_url)
        self._reading = reading(self._engine)
        self._files = ImageFiles(images_url)
        self._records = Records(self._engine)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def create_session(self, title: str, at: datetime) -> Session:
        """A new, empty session; its id cannot be guessed."""
        session = Session(secrets.token_urlsafe(9), storable(title), at)
        with self._engine.begin() as connection:
            connection.execute(insert(sessions).values(id=session.id, title=session.title, created_at=at))
        return session

    def get_session(self, session_id: str) -> Session:
        """The session of this id. Raises UnknownSession."""
        found = self._find_sessions(_select_sessions().where(sessions.c.id == storable(session_id)))
        if not found:
            raise UnknownSession("There is no session at this address. Open one from History, or start a new one.")
        return found[0]

    def find_sessions(self, offset: int = 0, limit: int = 50) -> list[Session]:
        """Sessions from the latest to the oldest."""
        latest_first = _select_sessions().order_by(sessions.c.created_at.desc(), sessions.c.number.desc())
        return self._find_sessions(latest_first.offset(offset).limit(limit))

    def _find_sessions(self, statement: Select[str, str, datetime, int]) -> list[Session]:
        with self._reading.begin() as connection:
            return [Session(*row) for row in connection.execute(statement)]

    def count_sessions(self) -> int:
        """How many sessions there are."""
        return self._count(select(func.count()).select_from(sessions))

    def add_image(self, session_id: str, prepared: PreparedImage, at: datetime) -> Arrival:
        """Keep an image in a session, once: where the session has these bytes already, they keep their first name."""
        image = prepared.image
        self._files.put(image.sha256, prepared.content, prepared.thumbnail)
        known = {
            "sha256": image.sha256,
            "media_type": image.media_type,
            "width_px": image.width_px,
            "height_px": image.height_px,
            "size_bytes": image.size_bytes,
        }
        place = {
            "session_id": session_id,
            "sha256": image.sha256,
            "name": storable(image.name),
            "steps": list(image.steps),
            "added_at": at,
        }
        with self._engine.begin() as connection:
            is_new = upsert(connection, images, known, key=["sha256"])
            is_added = upsert(connection, session_images, place, key=["session_id", "sha256"])
        if not is_added:
            return Arrival.PRESENT
        return Arrival.NEW if is_new else Arrival.KNOWN

    def count_images(self, session_id: str) -> int:
        """How many images the session has."""
        mine = session_images.c.session_id == session_id
        return self._count(select(func.count()).select_from(session_images).where(mine))

    def find_images(self, session_id: str, offset: int = 0, limit: int = 12) -> list[Image]:
        """Images of the session in the order in which they were added."""
        return self._find_images(_select_images(session_id).offset(offset).limit(limit))

    def get_prepared(self, session_id: str, sha256: str) -> PreparedImage:
        """An image of the session with its bytes. Raises LookupError where the session has no such image."""
        found = self._find_images(_select_images(session_id).where(images.c.sha256 == sha256))
        if not found:
            raise LookupError(f"session {session_id} has no image {sha256}")
        return PreparedImage(found[0], self._files.get_content(sha256), self._files.get_thumbnail(sha256))

    def get_thumbnail(self, sha256: str) -> bytes:
        """The small picture of an image, as WebP. Raises FileNotFoundError."""
        return self._files.get_thumbnail(sha256)

    def add_record(self, record: Record) -> None:
        """Keep what a version said of an image. A prediction is never replaced by a failure."""
        self._records.add(record)

    def find_records(self, sha256s: Sequence[str], versions: Sequence[ModelVersion]) -> list[Record]:
        """What these versions said of these images, in any session."""
        return self._records.find(sha256s, versions)

    def find_versions(self, session_id: str) -> list[ModelVersion]:
        """Versions that said something of the session's images: most predictions first, then the first to be asked."""
        return self._records.find_versions(session_id)

    def find_unanswered(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session that this version was never asked about."""
        return self._find_by_record(session_id, version, records.c.sha256.is_(None))

    def find_failed(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session for which asking this version failed."""
        return self._find_by_record(session_id, version, records.c.failure.is_not(None))

    def _find_by_record(self, session_id: str, version: ModelVersion, wanted: ColumnElement[bool]) -> list[Image]:
        version_id = self._records.version_id(version)
        answered = and_(records.c.sha256 == images.c.sha256, records.c.version_id == version_id)
        return self._find_images(_select_images(session_id).outerjoin(records, answered).where(wanted))

    def add_refusal(self, session_id: str, refusal: Refusal, at: datetime) -> None:
        """Keep that a file was not taken in."""
        row = {
            "session_id": session_id,
            "name": storable(refusal.name),
            "reason": storable(refusal.reason),
            "refused_at": at,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(refusals).values(**row))

    def find_refusals(self, session_id: str) -> list[Refusal]:
        """Files that were not taken into the session, oldest first."""
        mine = select(refusals.c.name, refusals.c.reason).where(refusals.c.session_id == session_id)
        with self._reading.begin() as connection:
            return [Refusal(name, reason) for name, reason in connection.execute(mine.order_by(refusals.c.id))]

    def clear_refusals(self, session_id: str) -> None:
        """Forget which files were not taken in."""
        with self._engine.begin() as connection:
            connection.execute(delete(refusals).where(refusals.c.session_id == session_id))

    def _find_images(self, statement: Select[Any]) -> list[Image]:
        with self._reading.begin() as connection:
            return [_image(row) for row in connection.execute(statement)]

    def _count(self, statement: Select[int]) -> int:
        with self._reading.begin() as connection:
            return connection.execute(statement).scalar_one()


def _select_sessions() -> Select[str, str, datetime, int]:
    mine = session_images.c.session_id == sessions.c.id
    image_count = select(func.count()).select_from(session_images).where(mine).scalar_subquery()
    return select(sessions.c.id, sessions.c.title, sessions.c.created_at, image_count)


def _select_images(session_id: str) -> Select[Any]:
    joined = session_images.join(images, images.c.sha256 == session_images.c.sha256)
    in_order = select(*_IMAGE).select_from(joined).order_by(session_images.c.place)
    return in_order.where(session_images.c.session_id == session_id)


def _image(row: Row[Any]) -> Image:
    return Image(
        sha256=row.sha256,
        name=row.name,
        media_type=row.media_type,
        width_px=row.width_px,
        height_px=row.height_px,
        size_bytes=row.size_bytes,
        steps=tuple(row.steps),
    )
