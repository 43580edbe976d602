"""Sessions that are deleted while others write: nobody gets an error of the database, and nothing is left over."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, func, select

from lib.domain.images import PreparedImage
from lib.domain.predictions import ProbeResult
from lib.domain.reviews import Review
from lib.domain.sessions import RejectedFile, Session
from lib.errors import UnknownSession
from lib.store import Store
from lib.store.engine import open_engine, reading
from lib.store.tables import METADATA, images, records, session_images
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

WRITERS = 20
VERSIONS = (make_version("v1"), make_version("v2"))
IMAGES = [make_prepared_image(f"image {number}".encode()) for number in range(12)]
SHARED = IMAGES[6:]
SHA256S = [prepared.image.sha256 for prepared in IMAGES]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_engine(database_url)
    with reading(engine).connect() as connection:
        yield connection
    engine.dispose()


def make_writes(store: Store, session_id: str, prepared: PreparedImage) -> list[Callable[[], object]]:
    """Everything that people and jobs write for an image of a session, and what they read that is summed up first."""
    sha256 = prepared.image.sha256
    records = [
        make_record(sha256, session_id=session_id, version=version, outcome=make_prediction(cat=0.75))
        for version in VERSIONS
    ]
    probed = ProbeResult(session_id, sha256, VERSIONS[0], "blurred", NOON, 0.125, make_prediction(cat=0.5))
    label = make_true_label("cat")
    return [
        *(partial(store.predictions.add, record) for record in records),
        partial(store.images.add, session_id, prepared, NOON),
        partial(store.probes.add, probed),
        partial(store.annotations.set_true_labels, session_id, [sha256], label, "Ada", NOON),
        partial(store.images.add_rejected_file, session_id, RejectedFile("a.txt", "Not an image."), NOON),
        partial(store.images.set_must_not_regress, session_id, [sha256], marked=True),
        partial(store.reviews.change, session_id, Review()),
        partial(store.predictions.find_coverage, session_id),
        store.sessions.find,
    ]


def run_at_once(calls: Sequence[Callable[[], object]]) -> None:
    """Run calls in the threads of 20 writers. They may find that their session was deleted, and nothing else."""

    def run(call: Callable[[], object]) -> None:
        with suppress(UnknownSession):
            call()

    with ThreadPoolExecutor(WRITERS) as threads:
        done = [threads.submit(run, call) for call in calls]
    _ = [each.result() for each in done]


def count_left(connection: Connection, session_id: str) -> dict[str, int]:
    tables = [table for table in METADATA.sorted_tables if "session_id" in table.c and "audit" not in table.name]
    counts = {
        table.name: connection.execute(
            select(func.count()).select_from(table).where(table.c.session_id == session_id)
        ).scalar_one()
        for table in tables
    }
    return {name: count for name, count in counts.items() if count}


def assert_rows_and_files_match(connection: Connection, folder: Path) -> None:
    rows = set(connection.execute(select(images.c.sha256)).scalars())
    shown = set(connection.execute(select(session_images.c.sha256)).scalars())
    files = {path.name for path in folder.rglob("*") if path.is_file()}
    assert rows == shown
    assert files == rows | {f"{sha256}.webp" for sha256 in rows}


@pytest.mark.parametrize("seed", range(2))
def test_a_session_that_is_deleted_while_20_writers_fill_it_leaves_nothing(
    store: Store, session: Session, connection: Connection, tmp_path: Path, seed: int
) -> None:
    other = store.sessions.create("Other", NOON)
    fill(store, session, IMAGES)
    fill(store, other, SHARED)
    calls: list[Callable[[], object]] = [
        *(call for prepared in IMAGES for call in make_writes(store, session.id, prepared)),
        *(call for prepared in SHARED for call in make_writes(store, other.id, prepared)),
        *(partial(store.images.add, other.id, prepared, NOON) for prepared in IMAGES),
    ]
    Random(seed).shuffle(calls)

    calls.insert(60, partial(store.sessions.delete, session.id))
    run_at_once(calls)

    assert count_left(connection, session.id) == {}
    assert_rows_and_files_match(connection, tmp_path / "data" / "images")
    assert store.images.count(other.id) == len(IMAGES)
    shown = sum(counts.predictions for counts in store.predictions.find_coverage(other.id).values())
    assert shown == connection.execute(select(func.count()).select_from(records)).scalar_one()
    assert shown >= 2 * len(SHARED)


def test_an_image_that_some_sessions_get_while_others_lose_it_keeps_its_bytes(
    store: Store, connection: Connection, tmp_path: Path
) -> None:
    losing, getting = ([store.sessions.create(f"{number}", NOON) for number in range(20)] for _ in range(2))
    for number, session in enumerate(losing):
        store.images.add(session.id, IMAGES[number % 3], NOON)
    deletions = [partial(store.sessions.delete, session.id) for session in losing]
    additions = [partial(store.images.add, session.id, IMAGES[n % 3], NOON) for n, session in enumerate(getting)]

    run_at_once([call for both in zip(deletions, additions, strict=True) for call in both])

    assert [store.images.count(session.id) for session in getting] == [1] * 20
    assert_rows_and_files_match(connection, tmp_path / "data" / "images")


def test_images_that_20_writers_add_after_a_final_word_are_one_batch(store: Store, session: Session) -> None:
    fill(store, session, IMAGES[:1])
    store.annotations.set_true_labels(session.id, SHA256S[:1], make_true_label("cat"), "Ada", NOON)

    run_at_once([partial(store.images.add, session.id, prepared, NOON) for prepared in IMAGES[1:]])

    places = store.reviews.find_places(session.id)
    assert [places[sha256].batch for sha256 in SHA256S] == [0] + [1] * 11


def test_counts_that_20_readers_renew_at_once_are_right_for_all(store: Store, session: Session) -> None:
    fill(store, session, IMAGES)
    store.predictions.add(make_record(SHA256S[0], session_id=session.id))

    with ThreadPoolExecutor(WRITERS) as threads:
        found = list(threads.map(store.predictions.find_coverage, [session.id] * WRITERS))

    assert [counts[VERSIONS[0]].predictions for counts in found] == [1] * WRITERS


def fill(store: Store, session: Session, prepared: Sequence[PreparedImage]) -> None:
    store.predictions.add_versions(session.id, VERSIONS, NOON)
    for each in prepared:
        store.images.add(session.id, each, NOON)
