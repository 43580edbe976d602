"""Image files by their SHA-256, in a folder or at any fsspec URL."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from fsspec import AbstractFileSystem
from fsspec.asyn import AsyncFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from lib.errors import InvalidSettings, NotReady
from lib.store.storage_errors import translated_image_errors
from lib.store.thumbnail_cache import ThumbnailCache

FOLDERS = [f"{number:02x}" for number in range(256)]
"""Images are in folders by the first two digits of their SHA-256."""
UNFINISHED = "unfinished"
"""The folder of files that are being written."""
# So many are in memory at a time. Object stores transfer them at once.
_AT_ONCE = 8
_Item = TypeVar("_Item")


class ImageFiles:
    """Images and their thumbnails below `url`. Safe to share between threads. Methods raise StorageUnavailable."""

    def __init__(self, url: str) -> None:
        """Open the place, and try it with a small file. Raises InvalidSettings with what fails."""
        try:
            self._files, self._root = open_place(url)
            self._is_remote = isinstance(self._files, AsyncFileSystem)
            self._try(self._root)  # a place that was not used yet stays empty
        except Exception as error:  # each file system has errors of its own
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise InvalidSettings(
                f"Images cannot be stored at SECOND_LOOK_IMAGES_URL or SECOND_LOOK_DATA_DIR: {reason}"
            ) from error
        self._thumbnails = ThumbnailCache()

    def put(self, sha256: str, content: bytes, thumbnail: bytes) -> None:
        """Store an image and its thumbnail. Files that are complete already are not written again."""
        # The thumbnail comes first: if the content is there, the thumbnail is too.
        with translated_image_errors():
            for path, written in ((self._thumbnail_path(sha256), thumbnail), (self._content_path(sha256), content)):
                if self._find_size(path) != len(written):
                    self._write(path, written)
        self._remember(sha256, thumbnail)

    def get_content(self, sha256: str) -> bytes:
        """Return the bytes of an image. Raises FileNotFoundError."""
        return self._read(self._content_path(sha256))

    def get_thumbnail(self, sha256: str) -> bytes:
        """Return the thumbnail of an image. Raises FileNotFoundError."""
        found = self._thumbnails.find(sha256)
        if found is None:
            found = self._read(self._thumbnail_path(sha256))
            self._remember(sha256, found)
        return found

    def _remember(self, sha256: str, thumbnail: bytes) -> None:
        if self._is_remote:
            self._thumbnails.put(sha256, thumbnail)

    def find_contents(self, sha256s: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Read these images one after the other: None for those that are not there. Raises OSError."""
        for some in _in_batches(sha256s):
            yield from zip(some, self._read_all([self._content_path(sha256) for sha256 in some]), strict=True)

    def find_thumbnails(self, sha256s: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Read the thumbnails of these images, as `find_contents` does."""
        for some in _in_batches(sha256s):
            yield from zip(some, self._read_all([self._thumbnail_path(sha256) for sha256 in some]), strict=True)

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

    def was_written_before(self, sha256: str, moment: datetime) -> bool:
        """Report whether the files of an image, which may be one or two, were written before then."""
        with translated_image_errors():
            paths = [self._content_path(sha256), self._thumbnail_path(sha256)]
            times: list[datetime] = [self._files.modified(path) for path in paths if self._files.exists(path)]
        return all((at if at.tzinfo else at.replace(tzinfo=UTC)) < moment for at in times)

    def delete(self, sha256s: Sequence[str]) -> None:
        """Delete images and their thumbnails, if they exist."""
        paths = [path for sha256 in sha256s for path in (self._content_path(sha256), self._thumbnail_path(sha256))]
        for sha256 in sha256s:
            self._thumbnails.drop(sha256)
        with translated_image_errors():
            if paths and self._is_remote:
                with suppress(FileNotFoundError):
                    self._files.rm(paths)  # an object store deletes up to 1,000 files with one request
                return
            for path in paths:
                with suppress(FileNotFoundError):
                    self._files.rm_file(path)

    def check(self) -> None:
        """Write, read and delete a file of no image. Raises NotReady."""
        try:
            self._try(f"{self._root}/{UNFINISHED}")
        except FileNotFoundError as error:
            raise NotReady("the place is missing") from error
        except Exception as error:
            # Each file system has errors of its own.
            raise NotReady("cannot be written and read") from error

    def _try(self, folder: str) -> None:
        content = secrets.token_bytes(16)
        path = f"{folder}/{content.hex()}"
        self._require_root()
        self._files.pipe_file(path, content)
        found = self._files.cat_file(path)
        self._files.rm_file(path)
        if found != content:
            raise OSError("a file is not read as it was written")

    def _read_all(self, paths: list[str]) -> list[bytes | None]:
        found = self._files.cat_ranges(paths, None, None, on_error="return")
        return [_without_missing(content) for content in found]

    def _read(self, path: str) -> bytes:
        with translated_image_errors():
            try:
                content: bytes = self._files.cat_file(path)
            except FileNotFoundError as error:
                if self._is_place_missing(error):
                    raise
            else:
                return content
        raise FileNotFoundError(path)

    def _is_place_missing(self, error: FileNotFoundError) -> bool:
        if isinstance(self._files, LocalFileSystem):
            return not Path(self._root).is_dir()
        # The words of S3, whose file system raises the same class for a missing bucket.
        return "bucket does not exist" in str(error)

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
        self._require_root()
        unfinished = f"{self._root}/{UNFINISHED}/{secrets.token_hex(16)}"
        try:
            self._files.pipe_file(unfinished, content)
            self._files.mv(unfinished, path)
        except OSError:
            with suppress(OSError):
                self._files.rm_file(unfinished)
            raise

    def _require_root(self) -> None:
        # If a volume is gone, its folder must not be made anew.
        if isinstance(self._files, LocalFileSystem) and not Path(self._root).is_dir():
            raise FileNotFoundError(self._root)

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


def open_place(url: str) -> tuple[AbstractFileSystem, str]:
    """Return the file system of an fsspec URL and the path in it. Creates a folder. Raises OSError and its kinds."""
    # Other processes write to the place, too: what it holds must not be remembered.
    files, root = url_to_fs(url, use_listings_cache=False)
    if not isinstance(files, LocalFileSystem):
        return files, root
    Path(root).mkdir(parents=True, exist_ok=True)
    return LocalFileSystem(auto_mkdir=True), root
