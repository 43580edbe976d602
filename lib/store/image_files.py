"""Image bytes by their SHA-256, in a folder or any other place that fsspec knows."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from lib.errors import InvalidSettings


class ImageFiles:
    """Files below `url`: the bytes of an image, and the small picture of it. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Raises InvalidSettings where no files can be written, or fsspec knows no such place."""
        try:
            self._files, self._root = _open_place(url)
        except (ImportError, OSError, ValueError) as error:
            raise InvalidSettings(
                f"The images of SECOND_LOOK_IMAGES_URL or SECOND_LOOK_DATA_DIR cannot be kept there: {error}"
            ) from error

    def put(self, sha256: str, content: bytes, thumbnail: bytes) -> None:
        """Keep an image. Nothing is written where it is kept already, whole."""
        # The picture goes first: where the content is, the rest is too.
        for path, written in ((self._thumbnail_path(sha256), thumbnail), (self._content_path(sha256), content)):
            if self._find_size(path) != len(written):
                self._write(path, written)

    def get_content(self, sha256: str) -> bytes:
        """The bytes of an image. Raises FileNotFoundError."""
        content: bytes = self._files.cat_file(self._content_path(sha256))
        return content

    def get_thumbnail(self, sha256: str) -> bytes:
        """The small picture of an image. Raises FileNotFoundError."""
        thumbnail: bytes = self._files.cat_file(self._thumbnail_path(sha256))
        return thumbnail

    def delete(self, sha256: str) -> None:
        """Forget an image; nothing happens where it is not kept."""
        for path in (self._content_path(sha256), self._thumbnail_path(sha256)):
            with suppress(FileNotFoundError):
                self._files.rm_file(path)

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
        unfinished = f"{path}.{secrets.token_hex(8)}"
        self._files.pipe_file(unfinished, content)
        self._files.mv(unfinished, path)

    def _content_path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _thumbnail_path(self, sha256: str) -> str:
        return f"{self._content_path(sha256)}.webp"


def _open_place(url: str) -> tuple[AbstractFileSystem, str]:
    files, root = url_to_fs(url)
    if not isinstance(files, LocalFileSystem):
        return files, root
    Path(root).mkdir(parents=True, exist_ok=True)
    if not os.access(root, os.W_OK):
        raise PermissionError(f"no files can be written in {root}")
    return LocalFileSystem(auto_mkdir=True), root
