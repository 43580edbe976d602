"""A backup of an earlier release is restored as that release's database would be migrated."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from lib.settings import ROOT
from lib.store import Store
from lib.store.backup_reader import open_backup
from lib.store.tables import METADATA
from tests.builders.backup_files import write_backup
from tests.builders.full_store import read_rows
from tests.builders.values import NOON

DUMP = ROOT / "tests/integration/store/first_release.sql"
IMAGES = {hashlib.sha256(content).hexdigest(): content for content in (b"cat", b"dog", b"owl")}


@pytest.fixture(params=["0001", "0015"])
def revision(request: pytest.FixtureRequest) -> str:
    """Schema of an earlier release."""
    return str(request.param)


@pytest.fixture
def older(tmp_path: Path, revision: str) -> Path:
    """A database of an earlier release."""
    path = tmp_path / "older.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    config = Config()
    config.set_main_option("script_location", str(ROOT / "lib/store/migrations"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    return path


def read_without_seeds(database_url: str) -> dict[str, list[Any]]:
    """All rows, without the seeds of review orders, which a migration draws."""
    seed = METADATA.tables["sessions"].columns.keys().index("review_seed")
    rows = read_rows(database_url)
    return {**rows, "sessions": [(*row[:seed], *row[seed + 1 :]) for row in rows["sessions"]]}


def test_an_older_backup_is_migrated(older: Path, revision: str, database_url: str, tmp_path: Path) -> None:
    write_backup(tmp_path / "older.backup", older, revision, IMAGES)

    with (
        open_backup(tmp_path / "older.backup") as backup,
        closing(Store(database_url, str(tmp_path / "images"))) as store,
    ):
        store.backups.restore(backup)
        contents = {sha256: store.images.get_content(sha256) for sha256 in IMAGES}
        restored = read_without_seeds(database_url)
        store.sessions.create("New", NOON)

    assert contents == IMAGES
    assert restored == read_without_seeds(f"sqlite:///{older}")
