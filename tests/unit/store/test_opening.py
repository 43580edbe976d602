"""Opening a store: new, current, of a newer release, or unusable."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from lib.errors import InvalidSettings
from lib.settings import ROOT
from lib.store import Store
from lib.store.engine import HEAD
from lib.store.tables import METADATA
from tests.unit.conftest import OpenStore

pytestmark = pytest.mark.sqlite_only


def run_python(script: str, database: Path, folder: Path = ROOT) -> str:
    """Return the output of the script in a process that has opened a store with the app in `folder`."""
    opening = "import sys; from lib.store import Store; Store(*sys.argv[1:]).close(); "
    command = [sys.executable, "-c", opening + script, f"sqlite:///{database}", str(database.parent / "images")]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_migrations_create_the_schema_of_the_code(store: Store, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'test.db'}")

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), METADATA)

    engine.dispose()
    assert difference == []


def test_the_newest_migration_is_the_one_required_by_the_code() -> None:
    assert ScriptDirectory(str(ROOT / "lib/store/migrations")).get_current_head() == HEAD


def test_opening_a_current_store_does_not_load_migrations(open_store: OpenStore, tmp_path: Path) -> None:
    open_store()

    loaded = run_python("import sys; print('alembic' in sys.modules)", tmp_path / "data" / "test.db")

    assert loaded == "False"


def test_the_app_may_be_installed_in_a_folder_with_a_percent_sign(tmp_path: Path) -> None:
    installed = tmp_path / "100% birds"
    shutil.copytree(ROOT / "lib", installed / "lib", ignore=shutil.ignore_patterns("__pycache__"))

    assert run_python("print('opened')", tmp_path / "new.db", installed) == "opened"


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "postgresql://host:port/look",
        "oracle+nothing://db/look",
        "sqlite+nothing:///look.db",
        "sqlite:////proc/nothing/look.db",
        "sqlite:////proc",
        "sqlite:///look.db?timeout=0",
        "sqlite:///look.db?timeout=long",
    ],
)
def test_an_invalid_database_url_is_reported_with_its_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_DATABASE_URL or SECOND_LOOK_DATA_DIR"):
        Store(url, str(tmp_path))


def test_a_file_that_is_not_a_database_is_reported_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "look.db").write_text("This is a letter. " * 100)

    with pytest.raises(InvalidSettings, match=r"SECOND_LOOK_DATABASE_URL .*: file is not a database$"):
        Store(f"sqlite:///{tmp_path / 'look.db'}", str(tmp_path))


def test_a_database_of_a_newer_release_is_reported_with_its_setting(open_store: OpenStore, tmp_path: Path) -> None:
    open_store()
    with closing(sqlite3.connect(tmp_path / "data" / "test.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(InvalidSettings, match="A newer release created the database of SECOND_LOOK_DATABASE_URL"):
        open_store()


@pytest.mark.parametrize(
    "url", ["nowhere://images", "/proc/nothing/images", "file:///proc/nothing", "nul\0"], ids=ascii
)
def test_an_invalid_image_location_is_reported_with_its_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_IMAGES_URL or SECOND_LOOK_DATA_DIR"):
        Store(f"sqlite:///{tmp_path / 'test.db'}", url)
