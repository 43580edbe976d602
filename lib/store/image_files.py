"""Image files by their SHA-256, and uploaded files that wait, in a folder or at any fsspec URL."""

import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from lib.errors import InvalidSettings

_INCOMING = "incoming"
_UNFINISHED = "unfinished"
# So many are in memory at a time. Object stores transfer them at once.
_AT_ONCE = 8
_Item = TypeVar("_Item")


class ImageFiles:
    """Images and their thumbnails below `url`. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Open the folder. Raises InvalidSettings if it is not writable, or if fsspec does not know the URL."""
        try:
            self._files, self._root = _open_place(url)
        except (ImportError, OSError, ValueError) as error:
            raise InvalidSettings(
                f"Images cannot be stored at SECOND_LOOK_IMAGES_URL or SECOND_LOOK_DATA_DIR: {error}"
            ) from error

    def put(self, sha256: str, content: bytes, thumbnail: bytes) -> None:
        """Store an image and its thumbnail. Files that are complete already are not written again."""
        # The thumbnail comes first: if the content is there, the thumbnail is too.
        for path, written in ((self._thumbnail_path(sha256), thumbnail), (self._content_path(sha256), content)):
            if self._find_size(path) != len(written):
                self._write(path, written)

    def get_content(self, sha256: str) -> bytes:
        """Return the bytes of an image. Raises FileNotFoundError."""
        content: bytes = self._files.cat_file(self._content_path(sha256))
        return content

    def get_thumbnail(self, sha256: str) -> bytes:
        """Return the thumbnail of an image. Raises FileNotFoundError."""
        thumbnail: bytes = self._files.cat_file(self._thumbnail_path(sha256))
        return thumbnail

    def find_contents(self, sha256s: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Read these images one after the other: None for those that are not there. Raises OSError."""
        for some in _in_batches(sha256s):
            yield from zip(some, self._read([self._content_path(sha256) for sha256 in some]), strict=True)

    def find_thumbnails(self, sha256s: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Read the thumbnails of these images, as `find_contents` does."""
        for some in _in_batches(sha256s):
            yield from zip(some, self._read([self._thumbnail_path(sha256) for sha256 in some]), strict=True)

    def overwrite_contents(self, contents: Iterable[tuple[str, bytes]]) -> None:
        """Write images by their SHA-256, whatever is there. Raises OSError."""
        for some in _in_batches(contents):
            self._files.pipe({self._content_path(sha256): content for sha256, content in some})

    def overwrite_thumbnails(self, thumbnails: Iterable[tuple[str, bytes]]) -> None:
        """Write thumbnails, as `overwrite_contents` does."""
        for some in _in_batches(thumbnails):
            self._files.pipe({self._thumbnail_path(sha256): thumbnail for sha256, thumbnail in some})

    def find_names(self, folder: str) -> list[str]:
        """Return the names of the files whose SHA-256 begins with these two digits; thumbnails end with .webp."""
        try:
            found = self._files.ls(f"{self._root}/{folder}", detail=False, refresh=True)
        except FileNotFoundError:
            return []
        return [file.rstrip("/").rpartition("/")[2] for file in found]

    def delete(self, sha256: str) -> None:
        """Delete an image and its thumbnail, if they exist."""
        for path in (self._content_path(sha256), self._thumbnail_path(sha256)):
            self._remove(path)

    @contextmanager
    def open_incoming(self, key: str) -> Iterator[BinaryIO]:
        """Open an uploaded file for writing. It is on disk when the context ends; after an error it is gone."""
        path = self._incoming_path(key)
        try:
            with self._files.open(path, "wb") as file:
                yield file
                if isinstance(self._files, LocalFileSystem):
                    file.flush()
                    os.fsync(file.fileno())
        except BaseException:
            self._remove(path)
            raise

    def get_incoming(self, key: str) -> bytes:
        """Return an uploaded file. Raises FileNotFoundError."""
        content: bytes = self._files.cat_file(self._incoming_path(key))
        return content

    def delete_incoming(self, key: str) -> None:
        """Delete an uploaded file, if it exists."""
        self._remove(self._incoming_path(key))

    def delete_leftovers(self, before: datetime, keep: Collection[str]) -> int:
        """Delete uploaded files and half-written ones from before then, except those to keep; return how many."""
        waiting = [file for file in self._list(_INCOMING) if file["name"].rpartition("/")[2] not in keep]
        old = [file["name"] for file in [*waiting, *self._list(_UNFINISHED)] if self._modified_at(file) < before]
        for path in old:
            self._remove(path)
        return len(old)

    def _list(self, folder: str) -> list[dict[str, Any]]:
        self._files.invalidate_cache()
        try:
            found: list[dict[str, Any]] = self._files.ls(f"{self._root}/{folder}", detail=True)
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
        with suppress(FileNotFoundError):
            self._files.rm_file(path)

    def _incoming_path(self, key: str) -> str:
        return f"{self._root}/{_INCOMING}/{key}"

    def _read(self, paths: list[str]) -> list[bytes | None]:
        found = self._files.cat_ranges(paths, None, None, on_error="return")
        return [_without_missing(content) for content in found]

    def _find_size(self, path: str) -> int | None:
        try:
            size: int | None = self._files.size(path)
        except FileNotFoundError:
            return None
        return size

    def _write(self, path: str, content: bytes) -> None:
        if not isinstance(self._files, LocalFileSystem):
            self._files.pipe_file(path, content)  # object stores show a file when it is whole
            return
        unfinished = f"{self._root}/{_UNFINISHED}/{secrets.token_hex(16)}"
        self._files.pipe_file(unfinished, content)
        self._files.mv(unfinished, path)

    def _content_path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _thumbnail_path(self, sha256: str) -> str:
        return f"{self._content_path(sha256)}.webp"


def _without_missing(content: bytes | Exception) -> bytes | None:
    if isinstance(content, FileNotFoundError):
        return None
    if isinstance(content, Exception):
        raise content
    return content


def _in_batches(items: Iterable[_Item]) -> Iterator[Sequence[_Item]]:
    remaining = iter(items)
    while batch := tuple(islice(remaining, _AT_ONCE)):
        yield batch


def _open_place(url: str) -> tuple[AbstractFileSystem, str]:
    files, root = url_to_fs(url)
    if not isinstance(files, LocalFileSystem):
        return files, root
    Path(root).mkdir(parents=True, exist_ok=True)
    if not os.access(root, os.W_OK):
        raise PermissionError(f"no files can be written in {root}")
    return LocalFileSystem(auto_mkdir=True), root
