"""A backup has everything that is stored, and can be restored to either database."""

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select

from lib.errors import BackupFailed
from lib.store import Store
from lib.store.backup_reader import open_backup
from lib.store.engine import open_engine
from lib.store.tables import records, session_images
from tests.builders.backup_files import read_members
from tests.builders.databases import make_database
from tests.builders.full_store import IMAGE_COUNT, NAME, add_predicted_image, fill_store, read_rows
from tests.builders.values import NOON

MEMORY = "memory://restored-{name}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database to restore to."""
    if request.param == "sqlite":
        return make_database(tmp_path / "restored" / "test.db")
    make: Callable[[], str] = request.getfixturevalue("postgresql")
    return make()


def save(store: Store, file: Path) -> None:
    with file.open("wb") as stream:
        store.backups.save(stream)


def restore(file: Path, database_url: str, images_url: str) -> Store:
    with open_backup(file) as backup, ExitStack() as stack:
        store = stack.enter_context(closing(Store(database_url, images_url)))
        store.backups.restore(backup)
        stack.pop_all()
    return store


def test_a_restored_store_has_the_same_rows_and_images(
    store: Store, database_url: str, target_url: str, tmp_path: Path
) -> None:
    sha256s = fill_store(store)
    rows = read_rows(database_url)
    save(store, tmp_path / "a.backup")

    with closing(restore(tmp_path / "a.backup", target_url, str(tmp_path / "restored/images"))) as restored:
        contents = [restored.images.get_content(sha256) for sha256 in sha256s]
        thumbnails = [restored.images.get_thumbnail(sha256) for sha256 in sha256s]

    assert sum(map(bool, rows.values())) >= 17
    assert read_rows(target_url) == rows
    assert [hashlib.sha256(content).hexdigest() for content in contents] == sha256s
    assert thumbnails == [b"small " + content for content in contents]


@pytest.mark.sqlite_only
def test_a_restored_store_counts_on_from_its_highest_numbers(
    store: Store, database_url: str, target_url: str, tmp_path: Path
) -> None:
    fill_store(store)
    save(store, tmp_path / "a.backup")

    with closing(restore(tmp_path / "a.backup", target_url, str(tmp_path / "restored/images"))) as restored:
        fill_store(restored)
        count = restored.sessions.count()

    assert count == 4


def test_a_backup_under_load_is_consistent(store: Store, tmp_path: Path) -> None:
    target_url = make_database(tmp_path / "restored.db")
    sessions = [store.sessions.create(f"{place}", NOON).id for place in range(4)]
    started, stop = [Event() for _ in sessions], Event()

    def write(place: int) -> int:
        count = 0
        while not stop.is_set():
            add_predicted_image(store, sessions[place], f"{place} {count}".encode() * 1000)
            count += 1
            if count == 10:
                started[place].set()
        return count

    with ThreadPoolExecutor(4) as threads:
        written = threads.map(write, range(4))
        try:
            assert all(event.wait(60) for event in started)
            save(store, tmp_path / "a.backup")
        finally:
            stop.set()
    with closing(restore(tmp_path / "a.backup", target_url, str(tmp_path / "restored/images"))) as restored:
        faults = [restored.integrity.find_broken_references(), restored.integrity.find_image_faults()]
        count = restored.integrity.count_images()

    assert faults == [[], []]
    assert 40 <= count <= sum(written)
    assert find_gaps(target_url) == set()


def find_gaps(database_url: str) -> set[str]:
    """Return images of records that no session has."""
    engine = open_engine(database_url)
    with engine.connect() as connection:
        recorded = set(connection.execute(select(records.c.sha256)).scalars())
        shown = set(connection.execute(select(session_images.c.sha256)).scalars())
    engine.dispose()
    return recorded - shown


def test_images_go_to_an_object_store_and_come_from_one(tmp_path: Path) -> None:
    places = [MEMORY.format(name=f"{tmp_path.name}-{place}") for place in range(2)]
    with closing(Store(make_database(tmp_path / "a.db"), places[0])) as store:
        sha256s = fill_store(store)
        save(store, tmp_path / "a.backup")

    with closing(restore(tmp_path / "a.backup", make_database(tmp_path / "b.db"), places[1])) as restored:
        faults = restored.integrity.find_image_faults()
        contents = [restored.images.get_content(sha256) for sha256 in sha256s]

    assert faults == []
    assert [hashlib.sha256(content).hexdigest() for content in contents] == sha256s


class DeletingStream(io.BytesIO):
    """A file whose backup loses its sessions as soon as the first image is written to it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    def write(self, content: object) -> int:
        if bytes(content).find(b"images/") >= 0:  # type: ignore[call-overload]
            for summary in self._store.sessions.find():
                self._store.sessions.delete(summary.session.id)
        return super().write(content)  # type: ignore[arg-type]


@pytest.mark.sqlite_only
def test_images_that_are_deleted_meanwhile_are_named(store: Store, tmp_path: Path, database_url: str) -> None:
    sha256s = fill_store(store)
    stream = DeletingStream(store)

    manifest = store.backups.save(stream)
    (tmp_path / "a.backup").write_bytes(stream.getvalue())
    restored = restore(tmp_path / "a.backup", make_database(tmp_path / "restored.db"), str(tmp_path / "restored"))
    missing = {fault.name.removesuffix(".webp") for fault in restored.integrity.find_image_faults()}
    restored.close()

    assert set(sha256s) >= set(manifest.absent.deleted) >= missing
    assert len(missing) >= IMAGE_COUNT - 8
    assert manifest.absent.damaged == ()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"image X")])
def test_a_backup_without_an_image_is_made_on_request_only(
    store: Store, damage: Callable[[Path], object], tmp_path: Path, database_url: str
) -> None:
    lost, *others = fill_store(store)
    damage(tmp_path / "data/images" / lost[:2] / lost)

    with pytest.raises(BackupFailed, match=f"1 image missing or changed in the image store: {lost}"):
        store.backups.save(io.BytesIO())
    with (tmp_path / "a.backup").open("wb") as stream:
        manifest = store.backups.save(stream, skip_damaged=True)

    names = read_members(tmp_path / "a.backup")
    assert manifest.absent.damaged == (lost,)
    assert {name for name in names if name.startswith("images/")} == {f"images/{sha256}" for sha256 in others}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "add",
    [
        lambda store: store.sessions.create(NAME, NOON),
        lambda store: store.people.add_token("Nightly", "Ada", NOON),
        lambda store: store.people.end_sign_in("a" * 64, NOON),
    ],
    ids=["session", "token", "ended sign-in"],
)
def test_a_backup_is_not_restored_over_anything(
    store: Store, database_url: str, target_url: str, tmp_path: Path, add: Callable[[Store], object]
) -> None:
    fill_store(store)
    save(store, tmp_path / "a.backup")
    with closing(Store(target_url, str(tmp_path / "restored/images"))) as target:
        add(target)
    before = read_rows(target_url)

    with pytest.raises(BackupFailed, match="to an empty place only"):
        restore(tmp_path / "a.backup", target_url, str(tmp_path / "restored/images"))

    assert read_rows(target_url) == before
    assert list((tmp_path / "restored/images").iterdir()) == []
