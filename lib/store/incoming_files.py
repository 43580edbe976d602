"""Contents of uploaded files, by random keys, in a folder beside the images."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from fsspec.implementations.local import LocalFileSystem

from lib.store.image_files import UNFINISHED, open_place
from lib.store.storage_errors import translated_image_errors

_FOLDER = "incoming"
# A page takes its files when the last one has arrived: 10 GB take an hour at 20 Mbit/s.
_KEPT = timedelta(hours=6)
_WRITTEN_WITHIN = timedelta(minutes=1)


class IncomingFiles:
    """Uploaded files below the place of images at `url`. Thread-safe. Methods raise StorageUnavailable."""

    def __init__(self, url: str) -> None:
        self._files, self._root = open_place(url)

    @contextmanager
    def open_new(self, key: str) -> Iterator[BinaryIO]:
        """Open a file for writing. It is on disk when the context ends; after an error it is gone."""
        path = self._path(key)
        try:
            with translated_image_errors(), self._files.open(path, "wb") as file:
                yield file
                if isinstance(self._files, LocalFileSystem):
                    file.flush()
                    os.fsync(file.fileno())
        except BaseException:
            self._remove(path)
            raise

    def read(self, key: str) -> bytes:
        """Return a file. Raises FileNotFoundError."""
        path = self._path(key)
        with translated_image_errors():
            content: bytes | None = self._files.cat_file(path) if self._files.exists(path) else None
        if content is None:
            raise FileNotFoundError(path)
        return content

    def delete(self, key: str) -> None:
        """Delete a file, if it exists."""
        self._remove(self._path(key))

    def delete_leftovers(self, now: datetime, keep: Collection[str]) -> int:
        """Delete files after six hours, except those to keep, and images half-written a minute ago; return how many."""
        waiting = [path for path in self._find_older(_FOLDER, now - _KEPT) if path.rpartition("/")[2] not in keep]
        leftovers = [*waiting, *self._find_older(UNFINISHED, now - _WRITTEN_WITHIN)]
        for path in leftovers:
            self._remove(path)
        return len(leftovers)

    def _find_older(self, folder: str, than: datetime) -> list[str]:
        return [file["name"] for file in self._list(folder) if self._modified_at(file) < than]

    def _list(self, folder: str) -> list[dict[str, Any]]:
        with translated_image_errors():
            try:
                found = self._files.ls(f"{self._root}/{folder}", detail=True, refresh=True)
            except FileNotFoundError:
                return []
        return [file for file in found if file["type"] == "file"]

    def _modified_at(self, file: dict[str, Any]) -> datetime:
        try:
            at: datetime = self._files.modified(file["name"])
        except FileNotFoundError:  # somebody else has just deleted it
            return datetime.max.replace(tzinfo=UTC)
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _remove(self, path: str) -> None:
        with translated_image_errors(), suppress(FileNotFoundError):
            self._files.rm_file(path)

    def _path(self, key: str) -> str:
        return f"{self._root}/{_FOLDER}/{key}"
