"""Background jobs: life cycle and counts."""

import logging
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Event

import pytest

from lib.domain.jobs import JobKind, JobState, Progress
from lib.errors import ServiceError, StorageUnavailable, UnknownSession
from lib.workflows.jobs import Job

_ENDS_WITHIN_S = 10


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def make_job(subject: str = "session", *, kind: JobKind = JobKind.PREDICTION, total: int = 0) -> Job[str]:
    return Job[str](kind, subject, total=total)


def raise_error(error: Exception) -> None:
    raise error


def test_a_job_runs_while_a_task_is_open_and_then_has_its_result() -> None:
    job = make_job(total=1)

    job.begin()
    while_open = job.progress().state
    job.count(done=1)
    job.end("a file")

    assert (while_open, job.progress().state) == (JobState.RUNNING, JobState.FINISHED)
    assert job.result == "a file"


def test_a_job_without_tasks_has_nothing_to_wait_for() -> None:
    assert make_job().wait().state is JobState.FINISHED


def test_a_stopped_job_runs_until_the_calls_in_flight_have_ended(executor: Executor) -> None:
    job, go_on = make_job(), Event()

    def call() -> None:
        go_on.wait(_ENDS_WITHIN_S)

    job.submit(executor, 1, call)

    job.stop()
    while_in_flight = job.progress().state
    go_on.set()

    assert while_in_flight is JobState.RUNNING
    assert job.wait(_ENDS_WITHIN_S).state is JobState.STOPPED


def test_a_defect_is_logged_and_does_not_stop_the_other_tasks(
    executor: Executor, caplog: pytest.LogCaptureFixture
) -> None:
    job = make_job(total=3)

    job.submit(executor, 2, raise_error, ValueError("a defect"))
    job.submit(executor, 1, lambda: job.count(done=1))
    progress = job.wait(_ENDS_WITHIN_S)

    assert (progress.state, progress.broken, progress.done) == (JobState.FAILED, 2, 1)
    assert job.error == "Something went wrong. The server's log has the details."
    assert not job.stop_requested
    assert "raise_error failed" in caplog.text


def test_an_error_of_the_provider_is_the_job_s_error(executor: Executor, caplog: pytest.LogCaptureFixture) -> None:
    job = make_job()

    with caplog.at_level(logging.ERROR):
        job.submit(executor, 1, raise_error, ServiceError("The model is not deployed."))
        state = job.wait(_ENDS_WITHIN_S).state

    assert (state, job.error) == (JobState.FAILED, "The model is not deployed.")
    assert not caplog.records


def test_tasks_do_not_begin_after_the_store_failed(executor: Executor) -> None:
    job, made = make_job(total=2), list[str]()

    job.submit(executor, 1, raise_error, StorageUnavailable("The disk is full.")).result(_ENDS_WITHIN_S)
    job.submit(executor, 1, made.append, "second").result(_ENDS_WITHIN_S)

    assert (made, job.wait(_ENDS_WITHIN_S).state, job.error) == ([], JobState.FAILED, "The disk is full.")


def test_a_session_that_was_deleted_ends_its_job_without_an_error(executor: Executor) -> None:
    job = make_job(total=2)

    job.submit(executor, 2, raise_error, UnknownSession("No such session."))
    progress = job.wait(_ENDS_WITHIN_S)

    assert (progress.state, progress.skipped, progress.broken, job.error) == (JobState.STOPPED, 2, 0, "")


def test_a_job_keeps_the_first_reason_of_failure() -> None:
    job = make_job()

    job.fail("There is no room.")
    job.fail("It was deleted.")

    assert job.error == "There is no room."


def test_time_left_follows_from_the_speed_so_far() -> None:
    # 6 of 10 in 3 s: half a second for each of the 4 that are left.
    progress = Progress(JobState.RUNNING, total=10, done=6, failed=0, skipped=0, broken=0, elapsed_s=3.0)

    assert progress.left_s == pytest.approx(2.0)
    assert progress.per_s == pytest.approx(2.0)
    assert progress.share == pytest.approx(0.6)


def test_the_duration_of_an_ended_job_does_not_increase(executor: Executor) -> None:
    job = make_job()
    job.submit(executor, 1, lambda: None)
    job.wait(_ENDS_WITHIN_S)

    assert job.progress().elapsed_s == job.progress().elapsed_s


def test_a_paused_job_leaves_what_has_not_begun_and_stays_a_running_one(executor: Executor) -> None:
    job, made = make_job(total=2), list[str]()

    job.submit(executor, 1, made.append, "first").result(_ENDS_WITHIN_S)
    job.pause()
    job.submit(executor, 1, made.append, "second").result(_ENDS_WITHIN_S)

    assert (made, job.wait(_ENDS_WITHIN_S).state) == (["first"], JobState.RUNNING)


def test_job_ids_are_unguessable() -> None:
    ids = {make_job().id for _ in range(50)}

    # 128 bits, 4 a digit.
    assert (len(ids), {len(job_id) for job_id in ids}) == (50, {32})
