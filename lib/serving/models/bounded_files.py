"""Files of a folder that a stranger filled, read with bounds: none may fill memory, hang or lead away."""

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
    """Return the size of a regular file. Raises UnservableModel where it is none, or too large.

    A link may lead to a file of the same folder only.
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
    """Whether anything has this name: a file, a folder, a pipe, or a link that leads nowhere."""
    try:
        return os.path.lexists(file)
    except ValueError:  # characters that no file name has
        return False


def get_changed_at(file: Path) -> datetime:
    """When the file was changed, in UTC; 1970 where the file system names a year that no calendar has."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (ValueError, OverflowError):
        return _EPOCH


def too_large(name: str, most_bytes: int) -> UnservableModel:
    """The error for a file, or an entry of an archive, with more bytes than are read."""
    size = f"{most_bytes >> 20} MB" if most_bytes >> 20 else f"{most_bytes} bytes"
    return UnservableModel(f"{name!s:.60} has more than {size}")


@contextmanager
def _open(file: Path, most_bytes: int) -> Iterator[IO[bytes]]:
    _check_link(file)
    try:
        # Without waiting: a pipe would otherwise wait for somebody to write to it.
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
