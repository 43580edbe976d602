"""Jobs of several processes that share a store. Each `Jobs` stands for a process; what one stores, the others see."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lib.domain.jobs import JobFile, JobKind, JobRecord, JobState
from lib.domain.sessions import Session
from lib.errors import CredentialsMissing
from lib.store import Store
from lib.workflows.job_registry import LOST_AFTER_S, Jobs
from lib.workflows.jobs import Job

Continued = list[JobRecord]


@pytest.fixture
def one(open_store: Callable[[], Store]) -> Jobs:
    return Jobs(open_store())


@pytest.fixture
def continued() -> Continued:
    """The jobs that the other process has continued."""
    return []


@pytest.fixture
def other(open_store: Callable[[], Store], continued: Continued) -> Jobs:
    jobs = Jobs(open_store())

    def continue_job(record: JobRecord) -> Job[Any]:
        continued.append(record)
        job = Job[Any].continued(record)
        job.begin()
        return job

    jobs.continue_by_kind = {JobKind.PREDICTION: continue_job}
    return jobs


def make_job(subject: str = "session", *, kind: JobKind = JobKind.PREDICTION, total: int = 0) -> Job[str]:
    job = Job[str](kind, subject, total=total)
    job.begin()
    return job


def let_time_pass(store: Store) -> None:
    """Set the heartbeat back, as if its process had ended long ago."""
    before = datetime.now(UTC) - timedelta(seconds=LOST_AFTER_S + 1)
    store.jobs.take_over("nobody", before, before + timedelta(days=1))


def test_progress_of_a_job_is_seen_by_other_processes(one: Jobs, other: Jobs) -> None:
    job = make_job(total=3)
    one.add(job)
    job.count(done=2, failed=1)

    one.save()

    (seen,) = other.find_running(JobKind.PREDICTION, "session")
    assert (seen.progress().done, seen.progress().failed, seen.progress().total) == (2, 1, 3)
    assert seen.progress().state is JobState.RUNNING


def test_another_process_can_stop_a_job(one: Jobs, other: Jobs) -> None:
    job = make_job()
    one.add(job)

    other.find(JobKind.PREDICTION)[0].stop()
    one.save()

    assert job.stop_requested


def test_an_error_of_a_job_is_seen_by_other_processes(one: Jobs, other: Jobs) -> None:
    job = make_job()
    one.add(job)
    job.fail("The disk is full.")
    job.end()

    one.save()

    (seen,) = other.find(JobKind.PREDICTION, "session")
    assert (seen.progress().state, seen.error) == (JobState.FAILED, "The disk is full.")


def test_a_job_whose_process_was_killed_is_continued_by_another(
    one: Jobs, other: Jobs, continued: Continued, store: Store
) -> None:
    job = make_job("birds", total=5)
    job.request = {"versions": ["v1"]}
    one.add(job)
    let_time_pass(store)

    other.take_over()
    other.take_over()

    (record,) = continued
    assert (record.id, record.subject, record.request, record.progress.total) == (
        job.id,
        "birds",
        {"versions": ["v1"]},
        5,
    )


def test_a_job_whose_process_lives_is_not_taken_over(one: Jobs, other: Jobs, continued: Continued) -> None:
    one.add(make_job())

    other.take_over()

    assert continued == []


def test_a_process_that_lost_its_job_to_another_leaves_the_rest_to_it(one: Jobs, other: Jobs, store: Store) -> None:
    job = make_job()
    one.add(job)
    let_time_pass(store)
    other.take_over()

    one.save()
    job.end()

    assert job.progress().state is JobState.RUNNING
    assert one.find(JobKind.PREDICTION)[0] is not job


def test_a_server_that_is_stopped_hands_its_jobs_to_the_next_at_once(
    one: Jobs, other: Jobs, continued: Continued
) -> None:
    one.continue_by_kind = other.continue_by_kind
    job = make_job(total=2)
    job.count(done=1)
    one.add(job)
    job.end()

    one.close(within_s=10)
    other.take_over()

    assert [(record.id, record.progress.done) for record in continued] == [(job.id, 1)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CredentialsMissing("There are no credentials."), "There are no credentials."),
        (KeyError("a provider"), "The job could not be continued. The server's log has the details."),
    ],
)
def test_a_job_that_cannot_be_continued_fails_with_the_reason_and_keeps_its_progress(
    one: Jobs, other: Jobs, store: Store, error: Exception, reason: str
) -> None:
    job = make_job(total=5)
    job.count(done=2)
    one.add(job)
    let_time_pass(store)

    def fail(_: JobRecord) -> Job[Any]:
        raise error

    other.continue_by_kind = {JobKind.PREDICTION: fail}
    other.take_over()
    other.save()

    (seen,) = Jobs(store).find(JobKind.PREDICTION)
    assert seen.error == reason
    assert (seen.progress().state, seen.progress().done, seen.progress().total) == (JobState.FAILED, 2, 5)


def test_a_probe_of_a_process_that_was_killed_fails_with_the_reason(one: Jobs, other: Jobs, store: Store) -> None:
    job = make_job(kind=JobKind.PROBE)
    one.add(job)
    let_time_pass(store)

    other.take_over()
    other.save()

    (seen,) = one.find(JobKind.PROBE)
    assert seen.progress().state is JobState.RUNNING  # as the process that was killed would see it
    assert Jobs(store).find(JobKind.PROBE)[0].error == (
        "The server was stopped before this ended. Start it again: results so far are kept."
    )


def test_what_a_finished_job_had_to_do_is_forgotten(one: Jobs, store: Store, session: Session) -> None:
    job = make_job(session.id)
    one.add(job)
    store.incoming.expect(job.id, session.id, [JobFile(0, "a.jpg", key=store.incoming.put(b"a"))])
    job.end()

    one.save()

    assert store.incoming.find(job.id) == []


def test_a_failed_job_keeps_its_files_for_a_retry(one: Jobs, other: Jobs, store: Store, session: Session) -> None:
    job = make_job(session.id)
    one.add(job)
    (file,) = store.incoming.expect(job.id, session.id, [JobFile(0, "a.jpg", key=store.incoming.put(b"a"))])
    job.fail("The disk is full.")
    job.end()
    one.save()

    (unfinished,) = other.find_unfinished(session.id)
    has_restarted = other.restart(unfinished)

    assert has_restarted
    assert store.incoming.find(job.id) == [file]
    assert store.incoming.read(file.key) == b"a"
    assert not other.restart(unfinished)  # it runs


def test_a_job_that_somebody_else_continues_cannot_be_forgotten(
    one: Jobs, other: Jobs, store: Store, session: Session
) -> None:
    job = make_job(session.id)
    one.add(job)
    (file,) = store.incoming.expect(job.id, session.id, [JobFile(0, "a.jpg", key=store.incoming.put(b"a"))])
    job.fail("The disk is full.")
    job.end()
    one.save()
    other.restart(other.find_unfinished(session.id)[0])

    one.forget(job)

    assert store.incoming.find(job.id) == [file]
    assert store.incoming.read(file.key) == b"a"


def test_a_process_that_waited_long_for_the_database_does_not_take_over_its_own_job(one: Jobs, store: Store) -> None:
    job = make_job()
    one.add(job)
    before = datetime.now(UTC) + timedelta(seconds=LOST_AFTER_S + 1)

    assert store.jobs.take_over(one.worker, before, before) == []


def test_a_stopped_job_stays_stopped_for_the_process_that_continues_it(
    one: Jobs, other: Jobs, continued: Continued, store: Store
) -> None:
    job = make_job()
    one.add(job)
    job.stop()
    one.save()
    let_time_pass(store)

    other.take_over()

    assert [record.stop_requested for record in continued] == [True]


def test_a_forgotten_job_leaves_no_file(one: Jobs, store: Store, session: Session) -> None:
    job = make_job(session.id)
    one.add(job)
    (file,) = store.incoming.expect(job.id, session.id, [JobFile(0, "a.jpg", key=store.incoming.put(b"a"))])
    job.fail("The disk is full.")
    job.end()

    one.forget(job)

    assert one.find(JobKind.PREDICTION) == []
    with pytest.raises(FileNotFoundError):
        store.incoming.read(file.key)


def test_a_model_is_deployed_by_one_job_at_a_time(one: Jobs, other: Jobs) -> None:
    first, second, third = (make_job(name, kind=JobKind.DEPLOYMENT) for name in ("v1", "v1", "v2"))

    added = [jobs.add_unless_running(job) for jobs, job in ((one, first), (other, second), (other, third))]

    assert added == [True, False, True]
    assert [job.subject for job in one.find(JobKind.DEPLOYMENT)] == ["v1", "v2"]


def test_a_new_deployment_replaces_a_failed_one(one: Jobs) -> None:
    failed, second = make_job("v1", kind=JobKind.DEPLOYMENT), make_job("v1", kind=JobKind.DEPLOYMENT)
    one.add(failed)
    failed.fail("It was busy.")
    failed.end()
    one.save()

    assert one.add_unless_running(second)
    assert one.find(JobKind.DEPLOYMENT) == [second]


def test_leftovers_of_a_process_that_was_killed_are_deleted_after_six_hours(
    store: Store, session: Session, one: Jobs
) -> None:
    job = make_job(session.id)
    one.add(job)
    (listed,) = store.incoming.expect(job.id, session.id, [JobFile(0, "a.jpg", key=store.incoming.put(b"a"))])
    leftover = store.incoming.put(b"b")

    early = store.incoming.delete_leftovers(datetime.now(UTC) + timedelta(hours=5.9))
    late = store.incoming.delete_leftovers(datetime.now(UTC) + timedelta(hours=6.1))

    assert (early, late) == (0, 1)
    assert store.incoming.read(listed.key) == b"a"
    with pytest.raises(FileNotFoundError):
        store.incoming.read(leftover)


def test_a_deleted_session_leaves_no_waiting_file(store: Store, session: Session, one: Jobs) -> None:
    job = make_job(session.id)
    one.add(job)
    (file,) = store.incoming.expect(job.id, session.id, [JobFile(0, "a.jpg", key=store.incoming.put(b"a"))])

    store.sessions.delete(session.id)

    assert store.jobs.get(job.id) is None
    with pytest.raises(FileNotFoundError):
        store.incoming.read(file.key)
