"""Files that are built in the background."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest

from lib.workflows.exports.job import ExportJob, ExportLimits, Exports, Write
from lib.workflows.exports.rows import Advance

NO_HURRY_S = 10.0


@pytest.fixture
def exports() -> Iterator[Exports]:
    with ThreadPoolExecutor(1) as executor:
        exports = Exports(executor)
        yield exports
        exports.close()


def make_job(owner: str = "ada@example.com") -> ExportJob:
    return ExportJob("birds.csv", "text/csv", total=4, owner=owner)


def make_write(*pieces: bytes) -> Write:
    """Writes these, an image a piece."""

    def write(advance: Advance) -> Iterator[bytes]:
        for done, piece in enumerate(pieces, start=1):
            advance(done)
            yield piece

    return write


def build(jobs: list[ExportJob], *pieces: bytes, limits: ExportLimits | None = None) -> Exports:
    """Build a file of these pieces for each job, one after the other, and wait until all are done."""
    with ThreadPoolExecutor(1) as executor:
        exports = Exports(executor, limits)
        for job in jobs:
            exports.start(job, make_write(*pieces))
            executor.submit(lambda: None).result(10)
    return exports


def is_kept(exports: Exports, job: ExportJob) -> bool:
    try:
        return exports.get(job.token) is job
    except LookupError:
        return False


def test_a_file_is_built_and_found_by_its_token() -> None:
    job = make_job()
    exports = build([job], b"one ", b"two")

    assert exports.get(job.token) is job
    assert job.finished
    assert job.path.read_bytes() == b"one two"
    exports.close()


def test_progress_can_be_watched_while_it_is_built(exports: Exports) -> None:
    job, told, go_on, finished = make_job(), Event(), Event(), Event()

    def write(advance: Advance) -> Iterator[bytes]:
        advance(1)
        yield b"one"
        told.set()
        go_on.wait(10)
        advance(4)
        yield b"four"

    def write_last(_: Advance) -> Iterator[bytes]:
        finished.set()
        yield b""

    exports.start(job, write)
    exports.start(make_job(), write_last)
    told.wait(10)
    half_way = (job.share, job.finished)
    go_on.set()

    finished.wait(10)
    assert half_way == (0.25, False)


def test_a_defect_is_logged_and_leaves_the_job_failed(caplog: pytest.LogCaptureFixture) -> None:
    job = make_job()

    def write(_: Advance) -> Iterator[bytes]:
        yield b"one"
        raise RuntimeError("a defect")

    job.begin(write)
    with caplog.at_level(logging.ERROR):
        assert not job.write_on(NO_HURRY_S)

    assert (job.failure, job.finished) == ("The file could not be built. The server's log says why.", False)
    assert "building birds.csv failed" in caplog.text
    assert not job.path.exists()


def test_a_forgotten_job_writes_no_more_and_leaves_no_file() -> None:
    job = make_job()
    job.begin(make_write(b"one", b"two"))
    assert job.write_on(0)

    job.forget()

    assert not job.write_on(NO_HURRY_S)
    assert not job.path.exists()
    assert not job.finished


def test_an_unknown_token_finds_nothing(exports: Exports) -> None:
    with pytest.raises(LookupError):
        exports.get("guessed")


def test_only_so_many_files_of_one_owner_are_kept() -> None:
    jobs = [make_job() for _ in range(25)]

    exports = build(jobs, b"x")

    assert [is_kept(exports, job) for job in jobs] == [False] * 5 + [True] * 20
    exports.close()


def test_one_person_s_exports_do_not_push_out_another_s() -> None:
    mine, theirs = make_job("ada@example.com"), [make_job("grace@example.com") for _ in range(50)]

    exports = build([mine, *theirs], b"x")

    assert mine.path.read_bytes() == b"x"
    assert is_kept(exports, mine)
    exports.close()


def test_one_person_s_long_queue_does_not_hold_up_another() -> None:
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
        exports = Exports(executor, ExportLimits(turn_s=0))
        for number in range(10):
            exports.start(make_job("ada@example.com"), write_as(f"ada {number}"))
        begun.wait(10)
        exports.start(make_job("grace@example.com"), write_as("grace"))
        go_on.set()

    # Ada's first piece was under way; from then on they take turns, a piece each.
    assert order[:6] == ["ada 0", "grace", "ada 0", "grace", "ada 0", "grace"]
    assert order[6:9] == ["ada 1"] * 3
    assert len(order) == 33
    exports.close()


def test_who_has_too_many_bytes_loses_their_own_oldest_file() -> None:
    limits = ExportLimits(bytes_in_all=40)  # 10 for each
    mine, other = [make_job("ada@example.com") for _ in range(3)], make_job("grace@example.com")

    exports = build([other, *mine], b"1234", limits=limits)

    assert [is_kept(exports, job) for job in (*mine, other)] == [False, True, True, True]
    exports.close()


def test_a_file_beyond_all_bounds_is_told_so_and_leaves_nothing() -> None:
    job = make_job()

    exports = build([job], b"123456", b"123456", limits=ExportLimits(bytes_in_all=40))

    assert "Export a smaller session." in job.failure
    assert (job.finished, job.path.exists(), is_kept(exports, job)) == (False, False, False)
    exports.close()


def test_a_file_of_somebody_else_is_not_removed_before_it_was_offered_for_an_hour() -> None:
    others = [make_job(f"{number}") for number in range(4)]
    late = make_job("late")

    exports = build([*others, late], b"1234567890", limits=ExportLimits(bytes_in_all=40))

    assert [is_kept(exports, job) for job in others] == [True] * 4
    assert late.failure == "The server has no room for more exports. Try again in an hour."
    exports.close()


def test_for_room_the_oldest_file_of_who_has_most_goes_first() -> None:
    small, big = make_job("small"), [make_job("big") for _ in range(4)]
    others = [make_job(f"{number}") for number in range(15)]

    # 40 bytes are 20 files: the last file of all takes the room of one.
    exports = build([small, *big, *others, make_job("late")], b"12", limits=ExportLimits(bytes_in_all=40, offered_s=0))

    assert [is_kept(exports, job) for job in (small, *big)] == [True, False, True, True, True]
    assert all(is_kept(exports, job) for job in others)
    exports.close()


def test_files_that_nobody_fetches_for_a_day_are_gone() -> None:
    old, new = make_job("old"), make_job("new")

    exports = build([old, new], b"x", limits=ExportLimits(kept_s=0))

    assert [is_kept(exports, job) for job in (old, new)] == [False, True]
    exports.close()


def test_tokens_cannot_be_guessed() -> None:
    with ExitStack() as stack:
        jobs = [make_job() for _ in range(50)]
        _ = [stack.callback(job.forget) for job in jobs]
        tokens = {job.token for job in jobs}

    # 128 bits, 4 a digit.
    assert (len(tokens), {len(token) for token in tokens}) == (50, {32})
