"""All that is kept, behind one door."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Row, Select, delete, insert

from lib.domain.image import Image, PreparedImage
from lib.domain.prediction import ModelVersion, Record
from lib.domain.session import Arrival, Refusal, Session
from lib.errors import UnknownSession
from lib.store import queries
from lib.store.engine import open_engine, reading, upsert
from lib.store.image_files import ImageFiles
from lib.store.records import Records
from lib.store.tables import images, refusals, session_images, sessions
from lib.store.texts import storable

_Columns = TypeVarTuple("_Columns")


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
        found = self._find(queries.SESSION, session_id=session_id)
        if not found:
            raise UnknownSession("There is no session at this address. Open one from History, or start a new one.")
        return Session(*found[0])

    def find_sessions(self, offset: int = 0, limit: int = 50) -> list[Session]:
        """Sessions from the latest to the oldest."""
        return [Session(*row) for row in self._find(queries.SESSIONS, offset=offset, limit=limit)]

    def count_sessions(self) -> int:
        """How many sessions there are."""
        return self._count(queries.SESSION_COUNT)

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
            "name": image.name,
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
        return self._count(queries.IMAGE_COUNT, session_id=session_id)

    def find_images(self, session_id: str, offset: int = 0, limit: int = 12) -> list[Image]:
        """Images of the session in the order in which they were added."""
        return self._find_images(queries.IMAGES, session_id=session_id, offset=offset, limit=limit)

    def get_prepared(self, session_id: str, sha256: str) -> PreparedImage:
        """An image of the session with its bytes. Raises LookupError where the session has no such image."""
        found = self._find_images(queries.IMAGE, session_id=session_id, sha256=sha256)
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
        version_id = self._records.version_id(version)
        return self._find_images(queries.UNANSWERED, session_id=session_id, version_id=version_id)

    def find_failed(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session for which asking this version failed."""
        version_id = self._records.version_id(version)
        return self._find_images(queries.FAILED, session_id=session_id, version_id=version_id)

    def add_refusal(self, session_id: str, refusal: Refusal, at: datetime) -> None:
        """Keep that a file was not taken in."""
        row = {"session_id": session_id, "name": refusal.name, "reason": refusal.reason, "refused_at": at}
        with self._engine.begin() as connection:
            connection.execute(insert(refusals).values(**row))

    def find_refusals(self, session_id: str) -> list[Refusal]:
        """Files that were not taken into the session, oldest first."""
        return [Refusal(*row) for row in self._find(queries.REFUSALS, session_id=session_id)]

    def clear_refusals(self, session_id: str) -> None:
        """Forget which files were not taken in."""
        with self._engine.begin() as connection:
            connection.execute(delete(refusals).where(refusals.c.session_id == session_id))

    def _find_images(self, statement: queries.SelectImages, **values: str | int) -> list[Image]:
        return [Image(*row[:-1], steps=tuple(row[-1])) for row in self._find(statement, **values)]

    def _find(self, statement: Select[*_Columns], **values: str | int) -> Sequence[Row[*_Columns]]:
        with self._reading.begin() as connection:
            return connection.execute(statement, values).all()

    def _count(self, statement: Select[int], **values: str) -> int:
        with self._reading.begin() as connection:
            return connection.execute(statement, values).scalar_one()
