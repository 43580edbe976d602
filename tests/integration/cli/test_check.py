"""The command that checks whether everything that is stored is whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lib.store import Store
from tests.builders.commands import run_command
from tests.builders.databases import make_database
from tests.builders.full_store import fill_store


@pytest.fixture
def sha256s(tmp_path: Path) -> list[str]:
    """The images of a filled store, which nobody has open."""
    with closing(Store(make_database(tmp_path / "second-look.db"), str(tmp_path / "images"))) as store:
        return sorted(fill_store(store))


@pytest.fixture
def connection(sha256s: list[str], tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database of the filled store, for changes that the app would not make."""
    with closing(sqlite3.connect(tmp_path / "second-look.db", isolation_level=None)) as connection:
        yield connection


def find_faults(tmp_path: Path) -> tuple[int, list[str]]:
    """Run the command; return its exit code, and the lines of parts that are not whole."""
    code, output = run_command("check", tmp_path)
    return code, [line.removeprefix("FAULT").strip() for line in output.splitlines() if line.startswith("FAULT")]


def image_file(tmp_path: Path, name: str) -> Path:
    return tmp_path / "images" / name[:2] / name


def test_a_whole_store_passes_with_a_line_for_each_part(sha256s: list[str], tmp_path: Path) -> None:
    code, output = run_command("check", tmp_path)

    lines = output.splitlines()
    assert code == 0
    assert [line.partition(":")[0].split(maxsplit=1) for line in lines] == [
        ["ok", "Database"],
        ["ok", "References"],
        ["ok", "Images"],
        ["ok", "Image store"],
        ["ok", "Audit log"],
    ]
    assert "12 images present" in lines[2]


def test_a_changed_byte_of_an_image_is_found(sha256s: list[str], tmp_path: Path) -> None:
    image_file(tmp_path, sha256s[0]).write_bytes(b"imagE 0")

    assert find_faults(tmp_path) == (1, [f"Images: 1 file changed: {sha256s[0]}"])


def test_missing_images_and_thumbnails_are_found(sha256s: list[str], tmp_path: Path) -> None:
    gone = [sha256s[0], f"{sha256s[1]}.webp"]
    for name in gone:
        image_file(tmp_path, name).unlink()

    assert find_faults(tmp_path) == (1, [f"Images: 2 files missing: {', '.join(gone)}"])


def test_files_without_an_image_are_named(sha256s: list[str], tmp_path: Path) -> None:
    stray = f"{sha256s[0]}.1234"
    image_file(tmp_path, stray).write_bytes(b"half an image")

    assert find_faults(tmp_path) == (1, [f"Image store: 1 file without an image in the database: {stray}"])


def test_a_broken_audit_log_is_found(connection: sqlite3.Connection, tmp_path: Path) -> None:
    connection.execute("UPDATE audit_events SET actor = 'Grace' WHERE number = 1")

    assert find_faults(tmp_path) == (1, ["Audit log: entry 1: it was changed after it was written"])


def test_rows_that_refer_to_missing_rows_are_found(connection: sqlite3.Connection, tmp_path: Path) -> None:
    connection.execute("DELETE FROM label_sets")

    assert find_faults(tmp_path) == (1, ["References: probe_results to label_sets: 1, records to label_sets: 12"])


@pytest.mark.parametrize("table", ["images", "records", "audit_events", "session_images"])
def test_a_corrupted_page_of_the_database_is_found(sha256s: list[str], tmp_path: Path, table: str) -> None:
    file = tmp_path / "second-look.db"
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * size : page * size] = b"\xa5" * size
    file.write_bytes(content)

    code, faults = find_faults(tmp_path)

    assert code == 1
    assert faults[0].startswith("Database: ")


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "second-look.db").write_text("This is a letter. " * 100)

    code, output = run_command("check", tmp_path)

    assert (code, "file is not a database" in output) == (1, True)


def test_an_older_database_is_reported_and_not_migrated(connection: sqlite3.Connection, tmp_path: Path) -> None:
    connection.execute("UPDATE alembic_version SET version_num = '0015'")

    code, output = run_command("check", tmp_path)

    assert (code, "An earlier release created the database (schema 0015" in output) == (1, True)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0015",)


def test_a_missing_database_is_not_created(tmp_path: Path) -> None:
    code, output = run_command("check", tmp_path / "nowhere")

    assert (code, "There is no database" in output) == (1, True)
    assert not (tmp_path / "nowhere").exists()


def test_a_wrong_argument_is_a_usage_error(tmp_path: Path) -> None:
    assert run_command("check", tmp_path, "--everything")[0] == 2
