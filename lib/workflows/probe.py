"""Probe robustness: which predictions of perturbed images are stored, which are missing, and the job that adds them."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from statistics import median

from lib.domain.images import Image, PreparedImage
from lib.domain.jobs import JobKind
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.domain.predictions import Failure, ModelVersion, Prediction, ProbeResult, Record
from lib.domain.wording import format_count
from lib.errors import UnusableImage
from lib.images.perturbations import Perturbation
from lib.store import Store
from lib.telemetry.logs import log_fields
from lib.workflows.authorization import authorize, record_event
from lib.workflows.jobs import Job
from lib.workflows.prediction_context import PredictionContext, predict_or_fail
from lib.workflows.stored_images import get_outgoing_image

# Measured on one core, with photographs of 12 megapixels; good enough to say "seconds" or "minutes".
_PERTURBING_S_PER_MEGAPIXEL = 0.02
# Enough that tasks that run at once on one image read it once.
_IMAGES_CACHED = 2


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """An image, a perturbation, and the versions that have not predicted the perturbed image."""

    image: Image
    perturbation: Perturbation
    versions: tuple[ModelVersion, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """Stored predictions of images as they are (`before`) and perturbed (`results`).

    Both mappings name an image by its SHA-256; `results` names a perturbation by its key.
    """

    images: tuple[Image, ...]
    versions: tuple[ModelVersion, ...]
    perturbations: tuple[Perturbation, ...]
    before: Mapping[tuple[str, ModelVersion], Record]
    results: Mapping[tuple[str, ModelVersion, str], ProbeResult]

    def find_missing_tasks(self) -> list[ProbeTask]:
        """Return the missing tasks by perturbation, so that each perturbation is soon complete for all images."""
        found = (
            ProbeTask(image, perturbation, self._find_missing(image.sha256, perturbation))
            for perturbation in self.perturbations
            for image in self.images
        )
        return [task for task in found if task.versions]

    def find_changes(
        self, version: ModelVersion, images: Sequence[Image], perturbations: Sequence[Perturbation]
    ) -> list[tuple[Prediction, Prediction]]:
        """Return the predictions of the version before and after each perturbation, where both are stored."""
        found = (
            (self.find_before(image.sha256, version), self.find_after(image.sha256, version, perturbation.key))
            for image in images
            for perturbation in perturbations
        )
        return [(before, after) for before, after in found if before and after]

    def find_before(self, sha256: str, version: ModelVersion) -> Prediction | None:
        """Return what the version predicted for the image as it is."""
        record = self.before.get((sha256, version))
        return record.outcome if record and isinstance(record.outcome, Prediction) else None

    def find_after(self, sha256: str, version: ModelVersion, perturbation_key: str) -> Prediction | None:
        """Return what the version predicted for the perturbed image."""
        result = self.results.get((sha256, version, perturbation_key))
        return result.outcome if result and isinstance(result.outcome, Prediction) else None

    def find_failures(self) -> list[str]:
        """Return the reasons why calls failed, each once."""
        failures = (result.outcome for result in self.results.values() if not isinstance(result.outcome, Prediction))
        return list(dict.fromkeys(failure.message for failure in failures))

    def _find_missing(self, sha256: str, perturbation: Perturbation) -> tuple[ModelVersion, ...]:
        return tuple(
            version
            for version in self.versions
            if self.find_before(sha256, version) and not self.find_after(sha256, version, perturbation.key)
        )


def find_probe(
    store: Store,
    session_id: str,
    images: Sequence[Image],
    versions: Sequence[ModelVersion],
    perturbations: Sequence[Perturbation],
) -> Probe:
    """Read what is stored for these images, versions and perturbations."""
    sha256s = [image.sha256 for image in images]
    keys = {perturbation.key for perturbation in perturbations}
    records = store.predictions.find(sha256s, versions, session_id=session_id)
    results = [result for result in store.probes.find(session_id, sha256s, versions) if result.perturbation in keys]
    return Probe(
        tuple(images),
        tuple(versions),
        tuple(perturbations),
        {(record.sha256, record.version): record for record in records},
        {(result.sha256, result.version, result.perturbation): result for result in results},
    )


def estimate_duration_s(probe: Probe, tasks: Sequence[ProbeTask], *, workers: int) -> float:
    """Estimate how many seconds the tasks take, from the latencies of the predictions so far."""
    typical_s = {version: _find_median_latency_s(probe, version) for version in probe.versions}
    predicting_s = sum(typical_s[version] for task in tasks for version in task.versions)
    megapixels = sum(task.image.width_px * task.image.height_px for task in tasks) / 1e6
    return (predicting_s + megapixels * _PERTURBING_S_PER_MEGAPIXEL) / workers


def _find_median_latency_s(probe: Probe, version: ModelVersion) -> float:
    latencies_s = [record.latency_s for (_, predictor), record in probe.before.items() if predictor == version]
    return median(latencies_s) if latencies_s else 0.0


def start_probe(
    context: PredictionContext, actor: Actor, session_id: str, tasks: Sequence[ProbeTask], executor: Executor
) -> Job[None]:
    """Predict perturbed images. The executor is the probes' own, so that predictions never wait for them.

    Raises RoleMissing.
    """
    authorize(context.store, actor, Action.PROBE, session_id)
    calls = sum(len(task.versions) for task in tasks)
    job = Job[None](JobKind.PROBE, session_id, total=calls)
    job.begin()  # it must not seem to have ended before its first task
    context.jobs.add(job)
    runner = _TaskRunner(context, job)
    for task in tasks:
        job.submit(executor, len(task.versions), runner.run, task)
    job.end()
    record_event(context.store, actor, Action.PROBE, session_id, format_count(calls, "call"))
    return job


class _TaskRunner:
    """Runs the tasks of a probe, and stores every result beside the session's own predictions."""

    def __init__(self, context: PredictionContext, job: Job[None]) -> None:
        self._context = context
        self._job = job
        self._read_image = lru_cache(_IMAGES_CACHED)(self._read_stored_image)

    def run(self, task: ProbeTask) -> None:
        if self._job.stop_requested:
            self._job.count(skipped=len(task.versions))
            return
        perturbed = self._perturb(task)
        for version in task.versions:
            result = self._predict(task, version, perturbed)
            self._context.store.probes.add(result)
            self._job.count(done=1, failed=int(isinstance(result.outcome, Failure)))

    def _read_stored_image(self, sha256: str) -> PreparedImage:
        return get_outgoing_image(self._context.store, self._job.subject, sha256)

    def _perturb(self, task: ProbeTask) -> PreparedImage | Failure:
        try:
            image = self._read_image(task.image.sha256)
            return self._context.images.perturb(image, task.perturbation, self._context.limits.sent_bytes)
        except UnusableImage as error:
            return Failure(str(error))

    def _predict(self, task: ProbeTask, version: ModelVersion, perturbed: PreparedImage | Failure) -> ProbeResult:
        requested_at, start_s = datetime.now(UTC), time.perf_counter()
        with log_fields(session=self._job.subject, job=self._job.id):
            outcome = (
                perturbed if isinstance(perturbed, Failure) else predict_or_fail(self._context, version, perturbed)
            )
        latency_s = time.perf_counter() - start_s
        sha256, key = task.image.sha256, task.perturbation.key
        return ProbeResult(self._job.subject, sha256, version, key, requested_at, latency_s, outcome)
