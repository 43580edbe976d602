"""Empty databases of today's schema, made by the migrations once per test process and copied from then on."""

import tempfile
from functools import cache
from pathlib import Path

from lib.store.engine import open_engine


def make_database(path: Path) -> str:
    """Write an empty, up-to-date SQLite database to `path`, with its folder, and return its URL.

    Keeps the file that is there. Running all migrations takes some twenty times as long.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_empty_database())
    return f"sqlite:///{path}"


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        # Disposing closes the last connection, which moves all that the WAL holds into the file.
        open_engine(f"sqlite:///{path}").dispose()
        return path.read_bytes()
