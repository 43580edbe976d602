"""Images of sessions, and rejected files."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update, bindparam, case, delete, insert, select, update

from lib.domain.images import Appearance, Image, PreparedImage
from lib.domain.sessions import Arrival, RejectedFile
from lib.errors import UnknownSession
from lib.store import queries
from lib.store.cells import add_cells_of_image
from lib.store.columns import SanitizedText
from lib.store.database import Database, Repository
from lib.store.engine import upsert
from lib.store.image_files import FOLDERS
from lib.store.job_tables import job_files
from lib.store.locks import lock_for_adding, lock_image, lock_images
from lib.store.tables import images, rejected_files, session_images, sessions


class Images(Repository):
    """Images by their SHA-256: their bytes once, and their position and name in every session that has them."""

    def add(self, session_id: str, prepared: PreparedImage, at: datetime, job_file: int = 0) -> Arrival:
        """Add an image to a session. If the session has the same bytes already, their first name stays.

        `job_file` is the number of the file that it was, if a job has listed it. Raises UnknownSession.
        """
        image = prepared.image
        self._database.files.put(image.sha256, prepared.content, prepared.thumbnail)
        row = {
            "session_id": session_id,
            "sha256": image.sha256,
            "name": image.name,
            "steps": list(image.steps),
            "added_at": at,
        }
        try:
            return self._add_row(session_id, prepared, row, job_file)
        except UnknownSession:
            self._delete_if_orphan(image.sha256, at)
            raise

    def _add_row(self, session_id: str, prepared: PreparedImage, row: dict[str, Any], job_file: int) -> Arrival:
        image = prepared.image
        with self._database.writing(session_id) as connection:
            lock_for_adding(connection, session_id)
            is_new = self._ensure_row(connection, prepared)
            lock_images(connection, session_id, [image.sha256])
            batch = connection.execute(_NEXT_BATCH, {"session_id": session_id}).scalar()
            row["batch"] = batch or 0
            is_added = upsert(connection, session_images, row, key=["session_id", "sha256"])
            connection.execute(_BECOMES_IMAGE, {"number": job_file, "its": image.sha256})
            if is_added:
                connection.execute(_OPEN_BATCH, {"session_id": session_id, "opened": row["batch"]})
                add_cells_of_image(connection, session_id, image.sha256)
                connection.execute(queries.MOVE_ON, {"session_id": session_id})
        if not is_added:
            return Arrival.PRESENT
        return Arrival.NEW if is_new else Arrival.KNOWN

    def _ensure_row(self, connection: Connection, prepared: PreparedImage) -> bool:
        """Add the row of an image, or lock the one that is there. Return whether it is new."""
        sha256 = prepared.image.sha256
        while not upsert(connection, images, _image_row(prepared), key=["sha256"]):
            if lock_image(connection, sha256):
                return False
            # In PostgreSQL, its last session may be deleted just now. Then it is an image like any new one.
        # The last session with these bytes may have been deleted after the files were found, and nobody can delete
        # them again before this transaction ends.
        self._database.files.put(sha256, prepared.content, prepared.thumbnail)
        return True

    def delete_orphans(self, now: datetime) -> int:
        """Delete image files that are an hour old and belong to no image, and return the number of such images.

        A process that is killed between storing a file and its row leaves one.
        """
        return sum(self._delete_orphans_of(folder, now) for folder in FOLDERS)

    def _delete_orphans_of(self, folder: str, now: datetime) -> int:
        files = self._database.files
        known = select(images.c.sha256).where(images.c.sha256.startswith(folder))
        unknown = {name.partition(".")[0] for name in files.find_names(folder)}
        unknown -= {sha256 for (sha256,) in self._database.find(known)}
        old = [sha256 for sha256 in unknown if files.was_written_before(sha256, now - _MAY_BE_ADDED_FOR)]
        return sum(self._delete_if_orphan(sha256, now) for sha256 in old)

    def _delete_if_orphan(self, sha256: str, now: datetime) -> bool:
        # Whoever adds the image meanwhile waits for this row, finds it gone, and stores the files again.
        row = {"sha256": sha256, "media_type": "", "width_px": 0, "height_px": 0, "size_bytes": 0, "captured_at": now}
        with self._database.engine.begin() as connection:
            is_orphan = upsert(connection, images, row, key=["sha256"])
            if is_orphan:
                self._database.files.delete([sha256])
                connection.execute(delete(images).where(images.c.sha256 == sha256))
        return is_orphan

    def count(self, session_id: str) -> int:
        """Return the number of images of the session."""
        return self._database.count(queries.IMAGE_COUNT, session_id=session_id)

    def find(self, session_id: str, offset: int = 0, limit: int = 12) -> list[Image]:
        """Return images of the session in the order in which they were added."""
        return read_images(self._database, queries.IMAGES, session_id=session_id, offset=offset, limit=limit)

    def get_prepared(self, session_id: str, sha256: str) -> PreparedImage:
        """Return an image of the session with its bytes. Raises LookupError if the session or image does not exist."""
        image = self.get(session_id, sha256)
        return PreparedImage(
            image, self._database.files.get_content(sha256), self._database.files.get_thumbnail(sha256)
        )

    def get(self, session_id: str, sha256: str) -> Image:
        """Return an image of the session. Raises LookupError if the session or image does not exist."""
        found = read_images(self._database, queries.IMAGE, session_id=session_id, sha256=sha256)
        if not found:
            self._database.get_session_row(session_id)
            raise LookupError(f"session {session_id} has no image {sha256}")
        return found[0]

    def get_content(self, sha256: str) -> bytes:
        """Return the bytes that versions receive. Raises FileNotFoundError."""
        return self._database.files.get_content(sha256)

    def get_thumbnail(self, sha256: str) -> bytes:
        """Return the thumbnail of an image. Raises FileNotFoundError."""
        return self._database.files.get_thumbnail(sha256)

    def find_without_appearance(self, sha256s: Sequence[str]) -> list[str]:
        """Return those of the images that have no stored appearance."""
        known = select(images.c.sha256).where(images.c.appearance.is_(None))
        missing = {sha256 for (sha256,) in self._database.find(known)}
        return [sha256 for sha256 in sha256s if sha256 in missing]

    def add_appearances(self, appearances: dict[str, Appearance]) -> None:
        """Store appearances by SHA-256 of the image."""
        if not appearances:
            return
        change = update(images).where(images.c.sha256 == bindparam("its")).values(appearance=bindparam("found"))
        with self._database.engine.begin() as connection:
            connection.execute(
                change, [{"its": sha256, "found": appearance.to_bytes()} for sha256, appearance in appearances.items()]
            )

    def set_distinct(self, session_id: str, sha256s: Sequence[str]) -> None:
        """Mark images of the session as different from all others, whatever they look like. Raises UnknownSession."""
        self._mark(session_id, _SET_DISTINCT, [{"its_session": session_id, "its": sha256} for sha256 in sha256s])

    def set_must_not_regress(self, session_id: str, sha256s: Sequence[str], *, marked: bool) -> None:
        """Add these images to the session's must-not-regress set, or remove them from it. Raises UnknownSession."""
        rows = [{"its_session": session_id, "its": sha256, "marked": marked} for sha256 in sha256s]
        self._mark(session_id, _MARK, rows)

    def _mark(self, session_id: str, change: Update, rows: Sequence[dict[str, Any]]) -> None:
        with self._database.writing(session_id) as connection:
            changed = connection.execute(queries.MOVE_ON, {"session_id": session_id}).rowcount
            if changed and rows:
                connection.execute(change, rows)
        if not changed:
            self._database.get_session_row(session_id)

    def find_must_not_regress(self, session_id: str) -> frozenset[str]:
        """Return the SHA-256 of the images in the session's must-not-regress set."""
        return frozenset(sha256 for (sha256,) in self._database.find(_MUST_NOT_REGRESS, session_id=session_id))

    def add_rejected_file(self, session_id: str, file: RejectedFile, at: datetime, job_file: int = 0) -> None:
        """Record that a file was rejected, in place of the number that a job has listed. Raises UnknownSession."""
        row = {"session_id": session_id, "name": file.name, "reason": file.reason, "rejected_at": at}
        with self._database.writing(session_id) as connection:
            connection.execute(insert(rejected_files).values(**row))
            connection.execute(delete(job_files).where(job_files.c.id == job_file))

    def find_rejected_files(self, session_id: str) -> list[RejectedFile]:
        """Return the rejected files of the session, oldest first."""
        return [RejectedFile(*row) for row in self._database.find(queries.REJECTED_FILES, session_id=session_id)]

    def clear_rejected_files(self, session_id: str) -> None:
        """Delete the list of rejected files."""
        with self._database.engine.begin() as connection:
            connection.execute(delete(rejected_files).where(rejected_files.c.session_id == session_id))


_MAY_BE_ADDED_FOR = timedelta(hours=1)
# Images that are added after a final word go behind those that were there.
_NEXT_BATCH = select(sessions.c.latest_batch + case((sessions.c.batch_is_closed, 1), else_=0)).where(
    sessions.c.id == bindparam("session_id")
)
_OPEN_BATCH = (
    update(sessions)
    .where(sessions.c.id == bindparam("session_id"), sessions.c.latest_batch != bindparam("opened"))
    .values(latest_batch=bindparam("opened"), batch_is_closed=False)
)
_BECOMES_IMAGE = update(job_files).where(job_files.c.id == bindparam("number")).values(key="", sha256=bindparam("its"))

_MARK = (
    update(session_images)
    .where(
        session_images.c.session_id == bindparam("its_session", type_=SanitizedText),
        session_images.c.sha256 == bindparam("its", type_=SanitizedText),
    )
    .values(must_not_regress=bindparam("marked"))
)
_MUST_NOT_REGRESS = select(session_images.c.sha256).where(
    session_images.c.session_id == bindparam("session_id", type_=SanitizedText), session_images.c.must_not_regress
)


def _image_row(prepared: PreparedImage) -> dict[str, str | int | datetime | None]:
    image = prepared.image
    return {
        "sha256": image.sha256,
        "media_type": image.media_type,
        "width_px": image.width_px,
        "height_px": image.height_px,
        "size_bytes": image.size_bytes,
        "captured_at": prepared.captured_at,
    }


def read_images(database: Database, statement: queries.SelectImages, **values: str | int) -> list[Image]:
    """Return the images that the statement selects, in its order."""
    return [Image(*row[:-1], steps=tuple(row[-1])) for row in database.find(statement, **values)]


_SET_DISTINCT = (
    update(session_images)
    .where(session_images.c.session_id == bindparam("its_session"), session_images.c.sha256 == bindparam("its"))
    .values(is_distinct=True)
)
