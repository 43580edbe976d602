"""Notices that the file of an SQLite database was deleted or replaced while it is open.

SQLite itself goes on: it would write to a file that nobody can open again.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from lib.store.storage_errors import REPLACED


def watch_file(engine: Engine, file: Path) -> None:
    """From now on, raise StorageUnavailable in every transaction while another file, or none, is at the path."""
    opened = _identify(file)

    def check(*_: Any) -> None:
        if _identify(file) != opened:
            raise REPLACED.report(f"{file} is not the file that was opened")

    # Before anything is written, before it is committed, and before SQLite makes an empty file.
    event.listen(engine, "begin", check, insert=True)
    event.listen(engine, "commit", check)
    event.listen(engine, "do_connect", check)


def _identify(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
