"""Reads files of untrusted folders within limits: none may fill memory, block, or lead to another folder."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from lib.errors import UnservableModel

_EPOCH = datetime.fromtimestamp(0, UTC)


def check_file(file: Path, most_bytes: int) -> int:
    """Return the size of a regular file in bytes. Raises UnservableModel if it is not one, or too large.

    A link may only lead to a file in the same folder.
    """
    with _open(file, most_bytes) as stream:
        return os.fstat(stream.fileno()).st_size


def read_file(file: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file. Raises UnservableModel as `check_file` does."""
    with _open(file, most_bytes) as stream:
        content = stream.read(most_bytes + 1)
    # A file may grow while it is read.
    if len(content) > most_bytes:
        raise too_large(file.name, most_bytes)
    return content


def exists(file: Path) -> bool:
    """Report whether anything has this name: a file, a folder, a pipe, or a broken link."""
    try:
        return os.path.lexists(file)
    except ValueError:  # characters that are invalid in file names
        return False


def get_changed_at(file: Path) -> datetime:
    """Return when the file was changed, in UTC; 1970 if the file system has an impossible year."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (ValueError, OverflowError):
        return _EPOCH


def too_large(name: str, most_bytes: int) -> UnservableModel:
    """Return the error for a file or archive entry that exceeds the limit."""
    size = f"{most_bytes >> 20} MB" if most_bytes >> 20 else f"{most_bytes} bytes"
    return UnservableModel(f"{name!s:.60} has more than {size}")


@contextmanager
def _open(file: Path, most_bytes: int) -> Iterator[IO[bytes]]:
    _check_link(file)
    try:
        # Non-blocking: opening a pipe would otherwise wait for a writer.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise UnservableModel(f"{file.name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise UnservableModel(f"{file.name!r:.60} is not a file name") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UnservableModel(f"{file.name} is not a regular file")
        if found.st_size > most_bytes:
            raise too_large(file.name, most_bytes)
        with open(descriptor, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.close(descriptor)


def _check_link(file: Path) -> None:
    if file.is_symlink() and not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(file.parent)):
        raise UnservableModel(f"{file.name} is a link to another folder: put the file itself there")
