"""Images on their way through versions, with the real service and a real store."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Event

import pytest
from PIL import Image

from lib.domain.jobs import JobKind, JobState, Progress
from lib.domain.predictions import Coverage, Failure, ModelVersion, Prediction, Record
from lib.domain.sessions import Session
from lib.settings import ROOT
from lib.workflows.prediction_context import PredictionContext
from lib.workflows.prediction_tasks import PredictionTasks, Upload, shuffle_versions
from tests.builders.values import make_version

Versions = dict[str, ModelVersion]
_TIMEOUT_S = 60


def make_uploads(count: int = 3) -> list[Upload]:
    paths = sorted((ROOT / "samples").glob("*.jpg"))[:count]
    return [Upload(path.name, path.read_bytes()) for path in paths]


def run_uploads(
    prediction_context: PredictionContext, session: Session, versions: list[ModelVersion], uploads: list[Upload]
) -> Progress:
    tasks = PredictionTasks(prediction_context, session.id, versions)
    tasks.add_uploads(uploads)
    return tasks.job.wait(_TIMEOUT_S)


def stored_records(
    prediction_context: PredictionContext, session: Session, versions: list[ModelVersion]
) -> list[Record]:
    images = prediction_context.store.images.find(session.id, limit=100)
    return prediction_context.store.predictions.find([image.sha256 for image in images], versions)


def test_every_version_predicts_every_image_and_all_predictions_are_stored(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    asked = [versions["imagenet v1"], versions["imagenet v2"]]

    progress = run_uploads(prediction_context, session, asked, make_uploads(3))

    assert (progress.total, progress.done, progress.failed) == (6, 6, 0)
    records = stored_records(prediction_context, session, asked)
    assert len(records) == 6
    assert all(isinstance(record.outcome, Prediction) for record in records)


def test_a_file_that_is_not_an_image_is_rejected_by_name_and_others_continue(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    uploads = [Upload("note.jpg", b"milk, eggs"), *make_uploads(2)]

    progress = run_uploads(prediction_context, session, [versions["imagenet v1"]], uploads)

    assert (progress.total, progress.done) == (2, 2)
    assert [refusal.name for refusal in prediction_context.store.images.find_rejected_files(session.id)] == ["note.jpg"]


def test_duplicate_files_are_one_image_predicted_once(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    (upload,) = make_uploads(1)
    copy = Upload("copy.jpg", upload.content)

    progress = run_uploads(prediction_context, session, [versions["imagenet v1"]], [upload, copy])

    assert progress.ended
    assert prediction_context.store.images.count(session.id) == 1
    assert len(stored_records(prediction_context, session, [versions["imagenet v1"]])) == 1
    assert len(prediction_context.store.images.find_rejected_files(session.id)) == 1


def test_a_stored_prediction_is_reused(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    asked = [versions["imagenet v1"]]
    run_uploads(prediction_context, session, asked, make_uploads(1))
    (first,) = stored_records(prediction_context, session, asked)
    other = prediction_context.store.sessions.create("Another", datetime.now(UTC))

    progress = run_uploads(prediction_context, other, asked, make_uploads(1))

    assert progress.done == 1
    assert stored_records(prediction_context, other, asked) == [first]


def test_versions_with_only_reused_predictions_belong_to_the_session(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    asked = [versions["imagenet v1"]]
    run_uploads(prediction_context, session, asked, make_uploads(1))
    other = prediction_context.store.sessions.create("Another", datetime.now(UTC))

    run_uploads(prediction_context, other, asked, make_uploads(1))

    assert prediction_context.store.predictions.find_coverage(other.id) == {
        asked[0]: Coverage(predictions=1, failures=0)
    }


def test_a_failure_of_another_session_is_retried(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    version = versions["imagenet v1"]
    run_uploads(prediction_context, session, [], make_uploads(1))
    (image,) = prediction_context.store.images.find(session.id)
    elsewhere = prediction_context.store.sessions.create("Elsewhere", datetime.now(UTC))
    prediction_context.store.images.add(
        elsewhere.id, prediction_context.store.images.get_prepared(session.id, image.sha256), datetime.now(UTC)
    )
    failure = Record(image.sha256, version, elsewhere.id, datetime.now(UTC), 0.1, Failure("It was busy."))
    prediction_context.store.predictions.add(failure)

    tasks = PredictionTasks(prediction_context, session.id, [version])
    unpredicted = prediction_context.store.predictions.find_unpredicted(session.id, version)
    tasks.add_stored({version: [each.sha256 for each in unpredicted]})
    tasks.job.wait()

    assert prediction_context.store.predictions.find_coverage(session.id) == {
        version: Coverage(predictions=1, failures=0)
    }


def test_images_keep_the_order_of_their_files(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    large = BytesIO()
    Image.effect_noise((3000, 2000), 80).save(large, "PNG")
    uploads = [Upload("large.png", large.getvalue()), Upload("note.txt", b"milk"), *make_uploads(4)]

    run_uploads(prediction_context, session, [versions["imagenet v1"]], [*uploads, Upload("list.txt", b"eggs")])

    stored = [image.name for image in prediction_context.store.images.find(session.id)]
    assert stored == ["large.png", *(upload.name for upload in uploads[2:])]
    assert [refusal.name for refusal in prediction_context.store.images.find_rejected_files(session.id)] == [
        "note.txt",
        "list.txt",
    ]


def test_an_upload_may_have_more_than_a_thousand_files(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    names = [f"{number}.txt" for number in range(1_100)]

    run_uploads(prediction_context, session, [versions["imagenet v1"]], [Upload(name, b"milk") for name in names])

    rejected = prediction_context.store.images.find_rejected_files(session.id)
    assert [file.name for file in rejected] == names


def test_a_process_that_stood_still_rejects_no_file_that_another_one_has_added_meanwhile(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    store, go_on = prediction_context.store, Event()
    with ThreadPoolExecutor(1) as preparing:
        preparing.submit(go_on.wait, _TIMEOUT_S)
        context = replace(prediction_context, preparing=preparing)
        tasks = PredictionTasks(context, session.id, [versions["imagenet v1"]])
        tasks.add_uploads(make_uploads(2))
        later = datetime.now(UTC) + timedelta(minutes=1)
        (record,) = store.jobs.take_over("another process", later, later)
        first, second = store.incoming.find(record.id)
        run_uploads(prediction_context, session, [], [Upload(first.name, store.incoming.read(first.key))])
        store.incoming.discard([second.key])

        go_on.set()

    assert tasks.job.is_paused
    assert store.images.find_rejected_files(session.id) == []


def test_a_failed_call_is_stored_with_its_reason_and_other_versions_predict(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    asked = [versions["faults busy"], versions["imagenet v1"]]

    progress = run_uploads(prediction_context, session, asked, make_uploads(1))

    assert (progress.done, progress.failed) == (2, 1)
    by_version = {
        record.version.version: record.outcome for record in stored_records(prediction_context, session, asked)
    }
    assert isinstance(by_version["v1"], Prediction)
    assert isinstance(by_version["busy"], Failure)
    assert "too many requests" in by_version["busy"].message


def test_a_retry_replaces_a_failure_by_its_prediction(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    version = versions["imagenet v1"]
    run_uploads(prediction_context, session, [], make_uploads(1))
    (image,) = prediction_context.store.images.find(session.id)
    failure = Record(image.sha256, version, session.id, datetime.now(UTC), 0.1, Failure("It was down."))
    prediction_context.store.predictions.add(failure)
    tasks = PredictionTasks(prediction_context, session.id, [version])

    tasks.add_stored({version: [image.sha256]})
    tasks.job.wait(_TIMEOUT_S)

    (record,) = stored_records(prediction_context, session, [version])
    assert isinstance(record.outcome, Prediction)


def test_stopping_a_job_keeps_all_images_and_starts_no_more_calls(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    tasks = PredictionTasks(prediction_context, session.id, [versions["imagenet v1"]])
    tasks.job.stop()

    tasks.add_uploads(make_uploads(3))
    progress = tasks.job.wait(_TIMEOUT_S)

    assert (progress.done, progress.skipped) == (0, 3)
    assert prediction_context.store.images.count(session.id) == 3
    assert len(prediction_context.store.predictions.find_unpredicted(session.id, versions["imagenet v1"])) == 3


def test_an_unexpected_error_is_logged_and_ends_the_job(
    prediction_context: PredictionContext, session: Session, versions: Versions, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = PredictionTasks(prediction_context, session.id, [versions["imagenet v1"]])

    tasks.add_stored({versions["imagenet v1"]: ["0" * 64]})  # no such image is stored
    progress = tasks.job.wait(_TIMEOUT_S)

    assert (progress.broken, progress.state) == (1, JobState.FAILED)
    assert "_predict failed" in caplog.text


def test_deleting_a_session_ends_its_prediction_job_without_an_error(
    prediction_context: PredictionContext, session: Session, versions: Versions, caplog: pytest.LogCaptureFixture
) -> None:
    asked = [versions["imagenet v1"]]
    run_uploads(prediction_context, session, [], make_uploads(1))
    (image,) = prediction_context.store.images.find(session.id)
    prediction_context.store.sessions.delete(session.id)
    tasks = PredictionTasks(prediction_context, session.id, asked)

    tasks.add_stored({asked[0]: [image.sha256]})
    tasks.add_uploads([*make_uploads(3), Upload("note.txt", b"milk")])
    progress = tasks.job.wait(_TIMEOUT_S)

    assert (progress.done, progress.broken, progress.ended) == (0, 0, True)
    assert not caplog.records


def test_a_job_is_found_by_its_session_while_it_runs(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    jobs = prediction_context.jobs
    tasks = PredictionTasks(prediction_context, session.id, [versions["faults slow"]])
    tasks.add_uploads(make_uploads(1))

    assert jobs.find_running(JobKind.PREDICTION, session.id) == [tasks.job]
    assert jobs.find_running(JobKind.PREDICTION, "another") == []
    assert jobs.find_running(JobKind.PROBE, session.id) == []
    tasks.job.wait(_TIMEOUT_S)
    assert jobs.find_running(JobKind.PREDICTION, session.id) == []


def test_no_version_is_always_called_first() -> None:
    versions = [make_version("v1"), make_version("v2")]

    orders = [shuffle_versions(versions, f"{number:064x}") for number in range(400)]

    # Fair: 200 of 400, with a standard deviation of 10.
    assert 160 < sum(order[0] == versions[0] for order in orders) < 240
    assert shuffle_versions(versions, "a" * 64) == shuffle_versions(versions, "a" * 64)


def test_versions_are_called_in_the_random_order_of_each_image(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    chosen = [versions["imagenet v1"], versions["imagenet v2"]]

    with ThreadPoolExecutor(1) as one_at_a_time:
        run_uploads(replace(prediction_context, predicting=one_at_a_time), session, chosen, make_uploads(11))

    images = [image.sha256 for image in prediction_context.store.images.find(session.id)]
    records = sorted(stored_records(prediction_context, session, chosen), key=lambda record: record.requested_at)
    called = {sha256: [record.version for record in records if record.sha256 == sha256] for sha256 in images}
    assert called == {sha256: shuffle_versions(chosen, sha256) for sha256 in images}
    assert {order[0] for order in called.values()} == set(chosen)
