"""Probes with the real service and a real store."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Event

import pytest

from lib.domain.images import Image
from lib.domain.jobs import Progress
from lib.domain.predictions import ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.images.perturbations import EVERYDAY, Perturbation, find_patches
from lib.settings import ROOT
from lib.workflows.prediction_context import PredictionContext
from lib.workflows.prediction_tasks import PredictionTasks, Upload
from lib.workflows.probe import Probe, estimate_duration_s, find_probe, start_probe
from tests.builders.values import REVIEWER

Versions = dict[str, ModelVersion]
_TIMEOUT_S = 60


@pytest.fixture
def probing() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def predict(
    prediction_context: PredictionContext, session: Session, versions: Sequence[ModelVersion], *names: str
) -> list[Image]:
    tasks = PredictionTasks(prediction_context, session.id, versions)
    tasks.add_uploads([Upload(name, (ROOT / "samples" / name).read_bytes()) for name in names])
    tasks.job.wait(_TIMEOUT_S)
    return prediction_context.store.images.find(session.id)


def find(
    prediction_context: PredictionContext,
    session: Session,
    versions: Sequence[ModelVersion],
    perturbations: Sequence[Perturbation],
) -> Probe:
    return find_probe(
        prediction_context.store, session.id, prediction_context.store.images.find(session.id), versions, perturbations
    )


def run_probe(prediction_context: PredictionContext, session: Session, probe: Probe, executor: Executor) -> Progress:
    """Make all predictions that the probe misses."""
    tasks = probe.find_missing_tasks()
    return start_probe(prediction_context, REVIEWER, session.id, tasks, executor).wait(_TIMEOUT_S)


def test_a_probe_has_a_task_for_every_missing_prediction(
    prediction_context: PredictionContext, session: Session, versions: Versions, probing: Executor
) -> None:
    both = [versions["imagenet v1"], versions["imagenet v2"]]
    predict(prediction_context, session, both, "espresso.jpg", "cat.jpg")
    before = find(prediction_context, session, both, EVERYDAY)

    progress = run_probe(prediction_context, session, before, probing)

    # Two images, eleven changes, two versions.
    assert (progress.total, progress.done, progress.failed) == (44, 44, 0)
    after = find(prediction_context, session, both, EVERYDAY)
    assert after.find_missing_tasks() == []
    assert len(after.find_changes(both[0], after.images, EVERYDAY)) == 22


def test_versions_receive_the_perturbed_image(
    prediction_context: PredictionContext, session: Session, versions: Versions, probing: Executor
) -> None:
    v1 = versions["imagenet v1"]
    (image,) = predict(prediction_context, session, [v1], "espresso.jpg")
    patches = find_patches(4)

    run_probe(prediction_context, session, find(prediction_context, session, [v1], patches), probing)

    probe = find(prediction_context, session, [v1], patches)
    hidden = [probe.find_after(image.sha256, v1, patch.key) for patch in patches]
    scores = [answer.score_of("espresso") for answer in hidden if answer]
    before = probe.find_before(image.sha256, v1)
    assert before is not None
    # A cup that fills the picture: some part of it matters, and a corner does not take all of it away.
    assert len(set(scores)) > 8
    assert min(score or 0.0 for score in scores) < (before.score_of("espresso") or 0.0)


def test_probe_results_are_not_predictions_of_the_session(
    prediction_context: PredictionContext, session: Session, versions: Versions, probing: Executor
) -> None:
    v1 = versions["imagenet v1"]
    images = predict(prediction_context, session, [v1], "cat.jpg")
    records, coverage = (
        prediction_context.store.predictions.find([images[0].sha256], [v1]),
        prediction_context.store.predictions.find_coverage(session.id),
    )

    run_probe(prediction_context, session, find(prediction_context, session, [v1], EVERYDAY), probing)

    assert prediction_context.store.predictions.find([images[0].sha256], [v1]) == records
    assert prediction_context.store.predictions.find_coverage(session.id) == coverage
    assert prediction_context.store.images.find(session.id) == images


def test_a_version_without_a_prediction_of_the_original_is_not_probed(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    v1, v2 = versions["imagenet v1"], versions["imagenet v2"]
    predict(prediction_context, session, [v1], "cat.jpg")

    tasks = find(prediction_context, session, [v1, v2], EVERYDAY).find_missing_tasks()

    assert {task.versions for task in tasks} == {(v1,)}


def test_a_stopped_probe_resumes_where_it_ended(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    v1 = versions["imagenet v1"]
    predict(prediction_context, session, [v1], "cat.jpg")
    tasks = find(prediction_context, session, [v1], EVERYDAY).find_missing_tasks()
    stopped = Event()
    with ThreadPoolExecutor(1) as one:
        start_probe(prediction_context, REVIEWER, session.id, tasks[:4], one).wait(_TIMEOUT_S)
        one.submit(stopped.wait)
        job = start_probe(prediction_context, REVIEWER, session.id, tasks[4:], one)
        job.stop()
        stopped.set()

    left = find(prediction_context, session, [v1], EVERYDAY).find_missing_tasks()

    assert (job.progress().done, job.progress().skipped) == (0, 7)
    assert left == tasks[4:]


def test_deleting_a_session_ends_its_probe_without_an_error(
    prediction_context: PredictionContext, session: Session, versions: Versions, caplog: pytest.LogCaptureFixture
) -> None:
    v1 = versions["imagenet v1"]
    predict(prediction_context, session, [v1], "cat.jpg")
    tasks = find(prediction_context, session, [v1], EVERYDAY).find_missing_tasks()
    deleted = Event()
    with ThreadPoolExecutor(1) as one:
        one.submit(deleted.wait)
        job = start_probe(prediction_context, REVIEWER, session.id, tasks, one)
        prediction_context.store.sessions.delete(session.id)
        deleted.set()

    assert (job.progress().skipped, job.progress().broken, job.progress().ended) == (11, 0, True)
    assert not caplog.records


def test_a_failed_probe_call_is_stored_with_its_reason_and_retried(
    prediction_context: PredictionContext, session: Session, versions: Versions, probing: Executor
) -> None:
    flaky = versions["faults busy"]
    v1 = versions["imagenet v1"]
    (image,) = predict(prediction_context, session, [v1], "cat.jpg")
    (record,) = prediction_context.store.predictions.find([image.sha256], [v1])
    busy = Probe((image,), (flaky,), EVERYDAY[:1], {(image.sha256, flaky): record}, {})

    progress = run_probe(prediction_context, session, busy, probing)

    (result,) = prediction_context.store.probes.find(session.id, [image.sha256], [flaky])
    asked = Probe(
        busy.images, busy.versions, busy.perturbations, busy.before, {(image.sha256, flaky, EVERYDAY[0].key): result}
    )
    assert (progress.done, progress.failed) == (1, 1)
    assert "too many requests" in asked.find_failures()[0]
    assert len(asked.find_missing_tasks()) == 1


def test_the_estimated_time_depends_on_latencies_and_image_sizes(
    prediction_context: PredictionContext, session: Session, versions: Versions
) -> None:
    v1 = versions["imagenet v1"]
    (image,) = predict(prediction_context, session, [v1], "cat.jpg")
    probe = find(prediction_context, session, [v1], EVERYDAY)
    latency_s = probe.before[image.sha256, v1].latency_s

    expected_s = estimate_duration_s(probe, probe.find_missing_tasks(), workers=2)

    megapixels = image.width_px * image.height_px / 1e6
    assert isinstance(probe.find_before(image.sha256, v1), Prediction)
    assert expected_s == pytest.approx(11 * (latency_s + 0.02 * megapixels) / 2)
