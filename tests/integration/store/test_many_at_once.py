"""Concurrent threads and processes on one store, and processes that crash."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lib.domain.sessions import Arrival, Session
from lib.settings import ROOT
from lib.store import Store
from tests.builders.values import NOON, make_prepared_image, make_record
from tests.integration.store.openers import open_in_processes

# Adds images to a session and prints each name when it is kept; then dies as in a crash, without closing anything.
WRITER = """
import os, sys
from lib.store import Store
from tests.builders.values import NOON, make_prepared_image, make_record
store = Store(sys.argv[1], sys.argv[2])
session_id, mark = sys.argv[3], sys.argv[4]
for place in range(20):
    prepared = make_prepared_image(f"{mark}{place}".encode(), name=f"{mark}{place}")
    store.images.add(session_id, prepared, NOON)
    store.predictions.add(make_record(prepared.image.sha256, session_id=session_id))
    print(prepared.image.name, flush=True)
os._exit(9)
"""


def start_writer(tmp_path: Path, session_id: str, mark: str) -> subprocess.Popen[str]:
    database, images = f"sqlite:///{tmp_path / 'data' / 'test.db'}", str(tmp_path / "data" / "images")
    command = [sys.executable, "-c", WRITER, database, images, session_id, mark]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_eight_threads_write_concurrently_without_loss(store: Store, session: Session) -> None:
    def write(place: int) -> None:
        prepared = make_prepared_image(str(place).encode())
        store.images.add(session.id, prepared, NOON)
        store.predictions.add(make_record(prepared.image.sha256, session_id=session.id))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(100)))

    images = store.images.find(session.id, limit=1000)
    assert len(images) == 100
    assert (
        len(store.predictions.find([image.sha256 for image in images], store.predictions.find_versions(session.id)))
        == 100
    )


def test_the_same_image_from_many_threads_is_added_once(store: Store, session: Session) -> None:
    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(lambda _: store.images.add(session.id, make_prepared_image(), NOON), range(40)))

    assert added.count(Arrival.PRESENT) == 39


def test_processes_that_crash_lose_no_committed_data(store: Store, session: Session, tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, session.id, mark) for mark in "ab"]

    kept = sorted(name for writer in writers for name in writer.communicate()[0].split())

    assert len(kept) == 40
    assert sorted(image.name for image in store.images.find(session.id, limit=100)) == kept


def test_a_fresh_store_can_be_opened_by_several_threads_at_once(tmp_path: Path) -> None:
    # Not `open_store`: it copies a database that is already up to date.
    database, images = f"sqlite:///{tmp_path / 'fresh.db'}", str(tmp_path / "images")

    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(lambda _: Store(database, images), range(4)))

    assert [store.sessions.count() for store in stores] == [0, 0, 0, 0]
    for store in stores:
        store.close()


def test_a_fresh_store_can_be_opened_by_several_processes_at_once(tmp_path: Path) -> None:
    exit_codes = open_in_processes(4, f"sqlite:///{tmp_path / 'fresh.db'}", str(tmp_path / "images"))

    assert exit_codes == [0, 0, 0, 0]
