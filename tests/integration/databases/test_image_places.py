"""Images in a folder, in memory and in S3: the same in all of them."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.errors import InvalidSettings, StorageUnavailable
from lib.store import Store
from lib.store.image_files import ImageFiles
from lib.store.thumbnail_cache import ThumbnailCache
from tests.builders.databases import make_database
from tests.builders.values import NOON, make_prepared_image
from tests.stand_ins.s3_server import S3Server

PLACES = ["folder", "memory", pytest.param("s3", marks=pytest.mark.s3)]


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    with S3Server() as server, pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment.items():
            environment.setenv(name, value)
        yield server


@pytest.fixture(params=PLACES)
def images_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a place that has no image yet."""
    if request.param == "folder":
        return str(tmp_path / "images")
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}/images"
    server: S3Server = request.getfixturevalue("s3")
    return f"s3://{server.create_bucket()}/team/images"


@pytest.fixture
def files(images_url: str) -> ImageFiles:
    return ImageFiles(images_url)


@pytest.fixture
def open_store(images_url: str, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    opened: list[Store] = []

    def open_() -> Store:
        opened.append(Store(make_database(tmp_path / "test.db"), images_url))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


def test_an_image_is_read_by_other_processes(open_store: Callable[[], Store]) -> None:
    store, other = open_store(), open_store()
    session = store.sessions.create("Birds", NOON)
    prepared = make_prepared_image()

    store.images.add(session.id, prepared, NOON)

    assert other.images.get_prepared(session.id, prepared.image.sha256) == prepared


def test_a_deleted_image_is_gone_for_all_processes(open_store: Callable[[], Store]) -> None:
    store, other = open_store(), open_store()
    session = store.sessions.create("Birds", NOON)
    sha256 = make_prepared_image().image.sha256
    store.images.add(session.id, make_prepared_image(), NOON)
    other.images.get_thumbnail(sha256)

    store.sessions.delete(session.id)

    for each in (store, other):
        with pytest.raises(LookupError):
            each.images.get(session.id, sha256)
        with pytest.raises(FileNotFoundError):
            each.images.get_content(sha256)
    with pytest.raises(FileNotFoundError):
        store.images.get_thumbnail(sha256)


def test_an_image_added_again_after_a_deletion_is_complete(open_store: Callable[[], Store]) -> None:
    store, prepared = open_store(), make_prepared_image()
    first, second = store.sessions.create("Birds", NOON), store.sessions.create("Birds", NOON)
    store.images.add(first.id, prepared, NOON)
    store.sessions.delete(first.id)

    store.images.add(second.id, prepared, NOON)

    assert store.images.get_prepared(second.id, prepared.image.sha256) == prepared


def test_a_truncated_file_is_written_again(files: ImageFiles) -> None:
    files.put("ab12", b"cut", b"cut")

    files.put("ab12", b"content", b"thumbnail")

    assert (files.get_content("ab12"), files.get_thumbnail("ab12")) == (b"content", b"thumbnail")


def test_deleting_an_image_that_is_not_there_is_not_an_error(files: ImageFiles) -> None:
    files.put("ab12", b"content", b"thumbnail")

    files.delete(["0000", "ab12"])

    with pytest.raises(FileNotFoundError):
        files.get_content("ab12")


def test_many_threads_may_write_and_read_at_once(files: ImageFiles) -> None:
    def write_and_read(number: int) -> bytes:
        files.put(f"{number:04}", b"%d" % number, b"thumbnail")
        return files.get_content(f"{number:04}")

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(write_and_read, range(60)))

    assert found == [b"%d" % number for number in range(60)]


@pytest.mark.s3
def test_opening_leaves_nothing_in_the_bucket(s3: S3Server) -> None:
    bucket = s3.create_bucket()

    ImageFiles(f"s3://{bucket}/images")

    assert s3.list_keys(bucket) == []


@pytest.mark.s3
def test_a_missing_bucket_is_reported_at_the_start(s3: S3Server) -> None:
    with pytest.raises(InvalidSettings, match=r"SECOND_LOOK_IMAGES_URL or .*: The specified bucket does not exist"):
        ImageFiles("s3://missing-bucket/images")


@pytest.mark.s3
def test_a_bucket_that_was_deleted_is_reported(s3: S3Server) -> None:
    bucket = s3.create_bucket()
    files = ImageFiles(f"s3://{bucket}/images")
    s3.delete_all()

    with pytest.raises(StorageUnavailable, match=r"^The place where images are stored is missing\.") as writing:
        files.put("ab12", b"content", b"thumbnail")
    with pytest.raises(StorageUnavailable, match=r"^The place where images are stored is missing\."):
        files.get_content("ab12")

    assert not writing.value.is_retryable


def test_a_folder_in_which_nothing_can_be_written_is_reported_at_the_start() -> None:
    with pytest.raises(InvalidSettings, match=r"SECOND_LOOK_IMAGES_URL or SECOND_LOOK_DATA_DIR: "):
        ImageFiles("/proc/self")


def test_a_protocol_whose_package_is_missing_is_reported_with_the_package() -> None:
    with pytest.raises(InvalidSettings, match=r": .*gcsfs"):
        ImageFiles("gs://bucket/images")


def test_thumbnails_in_memory_are_bounded_and_the_oldest_go_first() -> None:
    cache = ThumbnailCache(max_bytes=10)
    cache.put("first", b"1234")
    cache.put("second", b"1234")
    cache.find("first")

    cache.put("third", b"1234")

    assert [cache.find(name) for name in ("first", "second", "third")] == [b"1234", None, b"1234"]


def test_a_thumbnail_that_is_larger_than_the_memory_for_all_is_not_kept() -> None:
    cache = ThumbnailCache(max_bytes=10)

    cache.put("huge", b"12345678901")

    assert cache.find("huge") is None
