"""Files that are built in the background."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest

from lib.workflows.exports.job import ExportJob, Exports
from lib.workflows.exports.rows import Advance


@pytest.fixture
def exports() -> Iterator[Exports]:
    with ThreadPoolExecutor(1) as executor:
        exports = Exports(executor)
        yield exports
        exports.close()


def make_job() -> ExportJob:
    return ExportJob("birds.csv", "text/csv", total=4)


def run(job: ExportJob, *pieces: bytes) -> ExportJob:
    """Build the job's file here and now."""

    def write(advance: Advance) -> Iterator[bytes]:
        for done, piece in enumerate(pieces, start=1):
            advance(done)
            yield piece

    job.write(write)
    return job


def test_a_file_is_built_and_found_by_its_token() -> None:
    with ThreadPoolExecutor(1) as executor:
        exports, job = Exports(executor), make_job()
        exports.start(job, lambda _: iter([b"one ", b"two"]))

    assert exports.get(job.token) is job
    assert job.finished
    assert job.path.read_bytes() == b"one two"
    exports.close()


def test_progress_can_be_watched_while_it_is_built() -> None:
    job, told, go_on = make_job(), Event(), Event()

    def write(advance: Advance) -> Iterator[bytes]:
        advance(1)
        yield b"one"
        told.set()
        go_on.wait(10)
        advance(4)
        yield b"four"

    with ThreadPoolExecutor(1) as executor:
        executor.submit(job.write, write)
        told.wait(10)
        half_way = (job.share, job.finished)
        go_on.set()

    assert half_way == (0.25, False)
    assert (job.share, job.finished) == (1.0, True)
    job.forget()


def test_a_defect_is_logged_and_leaves_the_job_failed(caplog: pytest.LogCaptureFixture) -> None:
    job = make_job()

    def write(_: Advance) -> Iterator[bytes]:
        yield b"one"
        raise RuntimeError("a defect")

    with caplog.at_level(logging.ERROR):
        job.write(write)

    assert (job.failed, job.finished) == (True, False)
    assert "building birds.csv failed" in caplog.text
    job.forget()


def test_a_forgotten_job_writes_no_more_and_leaves_no_file() -> None:
    job = run(make_job(), b"one")
    path = job.path

    job.forget()

    assert not path.exists()


def test_an_unknown_token_finds_nothing(exports: Exports) -> None:
    with pytest.raises(LookupError):
        exports.get("guessed")


def test_only_so_many_files_are_kept(exports: Exports) -> None:
    jobs = [make_job() for _ in range(25)]
    for job in jobs:
        exports.start(job, lambda _: iter([b"x"]))

    with pytest.raises(LookupError):
        exports.get(jobs[0].token)
    assert exports.get(jobs[-1].token) is jobs[-1]


def test_tokens_cannot_be_guessed() -> None:
    with ExitStack() as stack:
        jobs = [make_job() for _ in range(50)]
        _ = [stack.callback(job.forget) for job in jobs]
        tokens = {job.token for job in jobs}

    # 128 bits, 4 a digit.
    assert (len(tokens), {len(token) for token in tokens}) == (50, {32})
