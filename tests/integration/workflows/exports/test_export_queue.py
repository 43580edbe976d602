"""Files that are built in the background."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event

import pytest

from lib.domain.jobs import JobState
from lib.workflows.exports.export_queue import ExportBuild, ExportFile, ExportLimits, ExportQueue, ExportRequest, Write
from lib.workflows.exports.rows import Advance
from lib.workflows.jobs import Job

NO_HURRY_S = 10.0


@pytest.fixture
def queue() -> Iterator[ExportQueue]:
    with ThreadPoolExecutor(1) as executor:
        queue = ExportQueue(executor)
        yield queue
        queue.close()


def make_request(owner: str = "ada@example.com") -> ExportRequest:
    return ExportRequest("birds.csv", "text/csv", "a-session", image_count=4, owner=owner)


def make_write(*pieces: bytes) -> Write:
    """Writes these, an image a piece."""

    def write(advance: Advance) -> Iterator[bytes]:
        for done, piece in enumerate(pieces, start=1):
            advance(done)
            yield piece

    return write


@dataclass(frozen=True)
class Built:
    """A queue whose files were all built, one after the other, and their jobs."""

    queue: ExportQueue
    jobs: list[Job[ExportFile]]

    def find_kept(self) -> list[bool]:
        """Whether each file is still there."""
        return [self._is_kept(job) for job in self.jobs]

    def _is_kept(self, job: Job[ExportFile]) -> bool:
        try:
            return self.queue.get(job.id) is job
        except LookupError:
            return False


@pytest.fixture
def build() -> Iterator[Callable[..., Built]]:
    """Builds a file of these pieces for each owner."""
    with ExitStack() as stack:

        def build(owners: Sequence[str], *pieces: bytes, limits: ExportLimits | None = None) -> Built:
            executor = stack.enter_context(ThreadPoolExecutor(1))
            queue = ExportQueue(executor, limits)
            stack.callback(queue.close)
            jobs = []
            for owner in owners:
                jobs.append(queue.start(make_request(owner), make_write(*pieces)))
                executor.submit(lambda: None).result(10)  # files are also deleted by then
            return Built(queue, jobs)

        yield build


def test_a_file_is_built_and_found_by_its_id(build: Callable[..., Built]) -> None:
    built = build(["ada@example.com"], b"one ", b"two")

    (job,) = built.jobs
    assert built.queue.get(job.id) is job
    assert job.progress().state is JobState.FINISHED
    assert job.result
    assert job.result.path.read_bytes() == b"one two"


def test_progress_can_be_watched_while_a_file_is_built(queue: ExportQueue) -> None:
    reported, go_on = Event(), Event()

    def write(advance: Advance) -> Iterator[bytes]:
        advance(1)
        yield b"one"
        reported.set()
        go_on.wait(10)
        advance(4)
        yield b"four"

    job = queue.start(make_request(), write)
    reported.wait(10)
    half_way, early_result = job.progress(), job.result
    go_on.set()

    assert (half_way.share, half_way.state, early_result) == (0.25, JobState.RUNNING, None)
    assert job.wait(10).share == 1.0


def test_a_defect_is_logged_and_the_job_fails(caplog: pytest.LogCaptureFixture) -> None:
    def write(_: Advance) -> Iterator[bytes]:
        yield b"one"
        raise RuntimeError("a defect")

    export = ExportBuild(make_request(), write)
    with caplog.at_level(logging.ERROR):
        assert not export.build(NO_HURRY_S)

    assert export.job.error == "The file could not be built. The server's log says why."
    assert (export.job.progress().state, export.job.result) == (JobState.FAILED, None)
    assert "building birds.csv failed" in caplog.text
    assert not export.file.path.exists()


def test_a_discarded_file_is_stopped_and_deleted() -> None:
    export = ExportBuild(make_request(), make_write(b"one", b"two"))
    assert export.build(0)

    export.discard("There is no room.")

    assert not export.build(NO_HURRY_S)
    assert not export.file.path.exists()
    assert (export.job.error, export.job.result) == ("There is no room.", None)


def test_an_unknown_id_finds_nothing(queue: ExportQueue) -> None:
    with pytest.raises(LookupError):
        queue.get("guessed")


def test_the_number_of_files_per_owner_is_limited_with_a_message(build: Callable[..., Built]) -> None:
    built = build(["ada@example.com"] * 25, b"x")

    assert built.find_kept() == [False] * 5 + [True] * 20
    assert built.jobs[0].error == "The file was deleted to make room for newer exports. Export it again."


def test_exports_of_one_owner_do_not_evict_those_of_another(build: Callable[..., Built]) -> None:
    built = build(["ada@example.com", *["grace@example.com"] * 50], b"x")

    first = built.jobs[0].result
    assert built.find_kept()[0]
    assert first
    assert first.path.read_bytes() == b"x"


def test_a_long_queue_of_one_owner_does_not_delay_another() -> None:
    order: list[str] = []
    begun, go_on = Event(), Event()

    def write_as(name: str) -> Write:
        def write(_: Advance) -> Iterator[bytes]:
            begun.set()
            go_on.wait(10)
            for _piece in range(3):
                order.append(name)
                yield b"x"

        return write

    with ThreadPoolExecutor(1) as executor:
        queue = ExportQueue(executor, ExportLimits(turn_s=0))
        for number in range(10):
            queue.start(make_request("ada@example.com"), write_as(f"ada {number}"))
        begun.wait(10)
        queue.start(make_request("grace@example.com"), write_as("grace"))
        go_on.set()

    # Ada's first piece was under way; from then on they take turns, a piece each.
    assert order[:6] == ["ada 0", "grace", "ada 0", "grace", "ada 0", "grace"]
    assert order[6:9] == ["ada 1"] * 3
    assert len(order) == 33
    queue.close()


def test_an_owner_with_too_many_bytes_loses_the_oldest_file(build: Callable[..., Built]) -> None:
    owners = ["grace@example.com", *["ada@example.com"] * 3]

    built = build(owners, b"1234", limits=ExportLimits(bytes_in_all=40))  # 10 for each

    assert built.find_kept() == [True, False, True, True]


def test_an_oversized_file_fails_with_a_reason_and_is_removed(build: Callable[..., Built]) -> None:
    built = build(["ada@example.com"], b"123456", b"123456", limits=ExportLimits(bytes_in_all=40))

    assert "Export a smaller session." in built.jobs[0].error
    assert built.find_kept() == [False]


def test_a_file_is_kept_for_an_hour_before_other_owners_can_evict_it(build: Callable[..., Built]) -> None:
    built = build(["1", "2", "3", "4", "late"], b"1234567890", limits=ExportLimits(bytes_in_all=40))

    assert built.find_kept() == [True, True, True, True, False]
    assert built.jobs[-1].error == "The server has no room for more exports. Try again in an hour."


def test_the_oldest_file_of_the_owner_with_most_data_is_evicted_first(build: Callable[..., Built]) -> None:
    owners = ["small", *["big"] * 4, *(str(number) for number in range(15)), "late"]

    # 40 bytes are 20 files: the last file of all takes the room of one.
    built = build(owners, b"12", limits=ExportLimits(bytes_in_all=40, offered_s=0))

    assert built.find_kept() == [True, False, *[True] * 19]


def test_files_not_downloaded_for_a_day_are_deleted(build: Callable[..., Built]) -> None:
    built = build(["old", "new"], b"x", limits=ExportLimits(kept_s=0))

    assert built.find_kept() == [False, True]
    assert built.jobs[0].error == "The file was deleted after a day. Export it again."
