"""Uploaded files that jobs have not finished. A file is stored before anything else is done with it."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Select, bindparam, delete, func, insert, select

from lib.domain.jobs import JobFile
from lib.store.columns import SanitizedText
from lib.store.database import Repository
from lib.store.job_tables import job_files
from lib.store.locks import lock_for_adding

_ROWS_AT_ONCE = 1000


class Incoming(Repository):
    """Contents of uploaded files by random keys, and lists of what each prediction job has to do."""

    def open_new(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Open a new content for writing. It is on disk when the context ends, and gone if that ends with an error."""
        return self._database.incoming_files.open_new(key)

    def put(self, content: bytes) -> str:
        """Store a content, and return its key."""
        key = new_key()
        with self.open_new(key) as file:
            file.write(content)
        return key

    def read(self, key: str) -> bytes:
        """Return a content. Raises FileNotFoundError."""
        return self._database.incoming_files.read(key)

    def discard(self, keys: Sequence[str]) -> None:
        """Delete contents, if they exist."""
        for key in keys:
            self._database.incoming_files.delete(key)

    def expect(self, job_id: str, session_id: str, files: Sequence[JobFile]) -> list[JobFile]:
        """List files and images that the job has to do, all or none; return them numbered. Raises UnknownSession."""
        rows = [
            {"job_id": job_id, "session_id": session_id, "name": file.name, "key": file.key, "sha256": file.sha256}
            for file in files
        ]
        with self._database.writing(session_id) as connection:
            lock_for_adding(connection, session_id)
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                connection.execute(insert(job_files), rows[start : start + _ROWS_AT_ONCE])
        return self.find(job_id)

    def find(self, job_id: str) -> list[JobFile]:
        """Return what the job has to do, in order."""
        return [JobFile(*row) for row in self._database.find(_OF_JOB, job_id=job_id)]

    def count(self, job_id: str, *, waiting: bool = False) -> int:
        """Return how much the job has to do; with `waiting`, how many files are not added to the session yet."""
        its = select(func.count()).select_from(job_files).where(job_files.c.job_id == job_id)
        return self._database.count(its.where(job_files.c.key != "") if waiting else its)

    def forget(self, job_id: str) -> None:
        """Forget what a job had to do, with the contents that were never used."""
        keys = [file.key for file in self.find(job_id) if file.key]
        with self._database.engine.begin() as connection:
            connection.execute(delete(job_files).where(job_files.c.job_id == job_id))
        self.discard(keys)

    def delete_leftovers(self, now: datetime) -> int:
        """Delete contents that no job listed in six hours, and files half-written a minute ago; return how many."""
        listed = {key for (key,) in self._database.find(select(job_files.c.key).where(job_files.c.key != ""))}
        return self._database.incoming_files.delete_leftovers(now, keep=listed)


def new_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_hex(16)


_OF_JOB: Select[int, str, str, str] = (
    select(job_files.c.id, job_files.c.name, job_files.c.key, job_files.c.sha256)
    .where(job_files.c.job_id == bindparam("job_id", type_=SanitizedText))
    .order_by(job_files.c.id)
)
