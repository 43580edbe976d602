"""Several threads and several processes on one store, and processes that die."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from lib.domain.session import Arrival, Session
from lib.settings import ROOT
from lib.store import Store
from lib.store.engine import HEAD
from lib.store.tables import METADATA
from tests.builders import NOON, make_prepared_image, make_record
from tests.store.conftest import OpenStore

# Adds images to a session and prints each name when it is kept; then dies as in a crash, without closing anything.
WRITER = """
import os, sys
from lib.store import Store
from tests.builders import NOON, make_prepared_image, make_record
store = Store(sys.argv[1], sys.argv[2])
session_id, mark = sys.argv[3], sys.argv[4]
for place in range(20):
    prepared = make_prepared_image(f"{mark}{place}".encode(), name=f"{mark}{place}")
    store.add_image(session_id, prepared, NOON)
    store.add_record(make_record(prepared.image.sha256, session_id=session_id))
    print(prepared.image.name, flush=True)
os._exit(9)
"""


def start_writer(tmp_path: Path, session_id: str, mark: str) -> subprocess.Popen[str]:
    database, images = f"sqlite:///{tmp_path / 'data' / 'test.db'}", str(tmp_path / "data" / "images")
    command = [sys.executable, "-c", WRITER, database, images, session_id, mark]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_eight_threads_that_write_at_once_lose_nothing(store: Store, session: Session) -> None:
    def write(place: int) -> None:
        prepared = make_prepared_image(str(place).encode())
        store.add_image(session.id, prepared, NOON)
        store.add_record(make_record(prepared.image.sha256, session_id=session.id))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(100)))

    images = store.find_images(session.id, limit=1000)
    assert len(images) == 100
    assert len(store.find_records([image.sha256 for image in images], store.find_versions(session.id))) == 100


def test_the_same_image_from_many_threads_is_added_once(store: Store, session: Session) -> None:
    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(lambda _: store.add_image(session.id, make_prepared_image(), NOON), range(40)))

    assert added.count(Arrival.PRESENT) == 39


def test_processes_that_write_at_once_and_crash_lose_nothing_that_they_kept(
    store: Store, session: Session, tmp_path: Path
) -> None:
    writers = [start_writer(tmp_path, session.id, mark) for mark in "ab"]

    kept = sorted(name for writer in writers for name in writer.communicate()[0].split())

    assert len(kept) == 40
    assert sorted(image.name for image in store.find_images(session.id, limit=100)) == kept


def test_a_fresh_store_can_be_opened_by_many_at_once(open_store: OpenStore) -> None:
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(lambda _: open_store(), range(4)))

    assert [store.count_sessions() for store in stores] == [0, 0, 0, 0]


def test_migrations_give_just_the_tables_that_the_code_works_with(store: Store, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'test.db'}")

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), METADATA)

    engine.dispose()
    assert difference == []


def test_the_newest_migration_is_the_one_that_the_code_asks_for() -> None:
    assert ScriptDirectory(str(ROOT / "lib/store/migrations")).get_current_head() == HEAD


@pytest.mark.parametrize("module", ["alembic"])
def test_opening_a_store_that_is_up_to_date_is_light(open_store: OpenStore, tmp_path: Path, module: str) -> None:
    open_store()
    script = (
        "import sys; from lib.store import Store; "
        f"Store('sqlite:///{tmp_path / 'data' / 'test.db'}', 'images').close(); sys.exit({module!r} in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
