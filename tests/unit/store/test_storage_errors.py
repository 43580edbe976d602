"""What people read when the database, or the place where images are stored, does not work."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    overwrite(tmp_path / "data" / "test.db", 4096)

    with expect_unavailable("^The database is damaged. Tell your administrator", is_retryable=False):
        store.sessions.create("Birds", NOON)


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
