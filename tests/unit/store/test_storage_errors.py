"""What people read when the database, or the place where images are stored, does not work."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lib.domain.sessions import Session
from lib.errors import StorageUnavailable
from lib.store import Store
from tests.builders.values import NOON, make_prepared_image
from tests.unit.conftest import OpenStore


@contextmanager
def expect_unavailable(sentence: str, *, is_retryable: bool) -> Iterator[None]:
    with pytest.raises(StorageUnavailable, match=sentence) as caught:
        yield
    assert caught.value.is_retryable is is_retryable


def overwrite(file: Path, start: int) -> None:
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(start)
        opened.write(b"\xff" * (size - start))


@pytest.mark.sqlite_only
def test_a_damaged_database_is_reported_as_such(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store()
    store.sessions.create("Birds", NOON)
    store.close()
    overwrite(tmp_path / "data" / "test.db", start=4096)

    with expect_unavailable("^The database is damaged. Tell your administrator", is_retryable=False):
        store.sessions.create("Birds", NOON)


@pytest.mark.sqlite_only
def test_a_database_that_was_moved_away_is_reported_until_it_is_back(
    store: Store, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "data" / "test.db"
    away = file.rename(tmp_path / "away.db")

    with expect_unavailable("^The database file was deleted or replaced while", is_retryable=False):
        store.sessions.create("Owls", NOON)
    with expect_unavailable("^The database file was deleted or replaced while", is_retryable=False):
        store.sessions.get(session.id)
    is_made_anew = file.exists()
    away.rename(file)

    assert not is_made_anew
    assert store.sessions.get(session.id) == session


@pytest.mark.sqlite_only
def test_a_database_that_was_replaced_is_neither_read_nor_written(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "data" / "test.db"
    shutil.copy(file, tmp_path / "copy.db")
    (tmp_path / "copy.db").replace(file)

    with expect_unavailable("^The database file was deleted or replaced while", is_retryable=False):
        store.sessions.create("Birds", NOON)


@pytest.mark.sqlite_only
def test_a_database_that_somebody_else_writes_to_for_too_long_is_busy(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "data" / "test.db"
    impatient = Store(f"sqlite:///{file}?timeout=0.1", str(tmp_path / "data" / "images"))

    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with expect_unavailable("^The database is busy. Try again in a minute.", is_retryable=True):
            impatient.sessions.create("Birds", NOON)

    impatient.sessions.create("Birds", NOON)
    impatient.close()


@pytest.mark.sqlite_only
def test_a_missing_image_folder_is_reported_and_not_made_anew(store: Store, session: Session, tmp_path: Path) -> None:
    prepared = make_prepared_image()
    store.images.add(session.id, prepared, NOON)
    shutil.rmtree(tmp_path / "data" / "images")

    with expect_unavailable("^The place where images are stored is missing.", is_retryable=False):
        store.images.get_content(prepared.image.sha256)
    with expect_unavailable("^The place where images are stored is missing.", is_retryable=False):
        store.images.add(session.id, make_prepared_image(b"other"), NOON)

    assert not (tmp_path / "data" / "images").exists()


@pytest.mark.sqlite_only
def test_a_missing_image_is_no_error_of_its_place(store: Store) -> None:
    with pytest.raises(FileNotFoundError):
        store.images.get_content("0" * 64)
