"""Image bytes by their SHA-256, in a folder or any other place that fsspec knows."""

import secrets

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from lib.errors import InvalidSettings


class ImageFiles:
    """Files below `url`: the bytes of an image, and the small picture of it. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Raises InvalidSettings where fsspec knows no such place."""
        try:
            found: tuple[AbstractFileSystem, str] = url_to_fs(url, **({} if "://" in url else {"auto_mkdir": True}))
        except (ValueError, ImportError) as error:
            raise InvalidSettings(f"SECOND_LOOK_IMAGES_URL cannot be used: {error}") from error
        self._files, self._root = found

    def put(self, sha256: str, content: bytes, thumbnail: bytes) -> None:
        """Keep an image. Nothing is written where it is kept already."""
        # The picture goes first: where the content is, the rest is too.
        for path, written in ((self._thumbnail_path(sha256), thumbnail), (self._content_path(sha256), content)):
            if not self._files.exists(path):
                self._write(path, written)

    def get_content(self, sha256: str) -> bytes:
        """The bytes of an image. Raises FileNotFoundError."""
        content: bytes = self._files.cat_file(self._content_path(sha256))
        return content

    def get_thumbnail(self, sha256: str) -> bytes:
        """The small picture of an image. Raises FileNotFoundError."""
        thumbnail: bytes = self._files.cat_file(self._thumbnail_path(sha256))
        return thumbnail

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
