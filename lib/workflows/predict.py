"""Predict images with versions in the background. Every file and every prediction is stored as it arrives.

Scores come from the provider's client: for the built-in service and AutoML, from `lib/providers/automl.py`.
"""

import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from threading import Lock

from lib.domain.images import ImageLimits, PreparedImage
from lib.domain.jobs import JobKind
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.domain.predictions import Failure, ModelVersion, Prediction, Record
from lib.domain.sessions import Arrival, RejectedFile
from lib.domain.wording import format_count
from lib.errors import ServiceError, UnknownSession, UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.providers.base import PredictionClient
from lib.store import Store
from lib.workflows.authorization import authorize, record_event
from lib.workflows.jobs import Job
from lib.workflows.stored_images import get_outgoing_image

MOST_FILES = 1000
"""Files that one upload may hold: all of them wait in memory."""

_ALREADY_HERE = "Already in this session."


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Upload:
    """A file as it was uploaded: its name and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PredictionContext:
    """What predicting needs: a provider's client, the store, limits for files, and workers.

    Preparing an image takes processor time, and predicting mostly waits. So each has an executor of its own:
    `preparing` with a worker per core, `predicting` with as many as the provider may have calls in flight. `images`
    decodes the files.
    """

    client: PredictionClient
    store: Store
    limits: ImageLimits
    preparing: Executor
    predicting: Executor
    images: ImageWorkers


def predict_uploads(
    context: PredictionContext,
    actor: Actor,
    session_id: str,
    versions: Sequence[ModelVersion],
    uploads: Sequence[Upload],
) -> Job[None]:
    """Add files to the session and predict them with each version. Raises RoleMissing."""
    authorize(context.store, actor, Action.PREDICT, session_id)
    tasks = PredictionTasks(context, session_id, versions)
    tasks.add_uploads(uploads)
    _record(context, actor, session_id, format_count(len(uploads), "file"), versions)
    return tasks.job


def predict_missing(
    context: PredictionContext, actor: Actor, session_id: str, versions: Sequence[ModelVersion]
) -> Job[None]:
    """Predict with each version the images that it has no record of. Raises RoleMissing."""
    authorize(context.store, actor, Action.PREDICT, session_id)
    tasks = PredictionTasks(context, session_id, versions)
    for version in versions:
        images = context.store.predictions.find_unpredicted(session_id, version)
        tasks.add_stored(version, [image.sha256 for image in images])
    _record(context, actor, session_id, "missing predictions", versions)
    return tasks.job


def retry_failed(
    context: PredictionContext, actor: Actor, session_id: str, versions: Sequence[ModelVersion]
) -> Job[None]:
    """Predict with each version the images on which it failed. Raises RoleMissing."""
    authorize(context.store, actor, Action.PREDICT, session_id)
    tasks = PredictionTasks(context, session_id, versions)
    for version in versions:
        images = context.store.predictions.find_failed(session_id, version)
        tasks.add_stored(version, [image.sha256 for image in images])
    _record(context, actor, session_id, "failed predictions", versions)
    return tasks.job


def _record(
    context: PredictionContext, actor: Actor, session_id: str, what: str, versions: Sequence[ModelVersion]
) -> None:
    names = ", ".join(f"{version.family} {version.version}" for version in versions)
    record_event(context.store, actor, Action.PREDICT, session_id, f"{what}: {names}")


class PredictionTasks:
    """The tasks of a prediction job.

    A stored prediction is used again. A file or a call that fails never stops the others, and after a stop the files
    that were uploaded are still added to the session.
    """

    def __init__(self, context: PredictionContext, session_id: str, versions: Sequence[ModelVersion]) -> None:
        self.job = Job[None](JobKind.PREDICTION, session_id)
        self._context = context
        self._session_id = session_id
        self._versions = tuple(versions)
        self._lock = Lock()
        self._claimed: set[tuple[str, ModelVersion]] = set()
        self._latest: Future[None] | None = None

    def add_uploads(self, uploads: Sequence[Upload]) -> None:
        """Add files to the session and predict each with all versions.

        Files that cannot be used are rejected, and so are those beyond MOST_FILES.
        """
        self._add_versions(self._versions)
        accepted, surplus = uploads[:MOST_FILES], uploads[MOST_FILES:]
        self.job.count(total=len(accepted) * len(self._versions))
        for upload in surplus:
            self._reject(upload.name, f"An upload can hold {MOST_FILES:,} files. Upload this one again.")
        for upload in accepted:
            task = (self._add_upload, upload, self._latest)
            self._latest = self.job.submit(self._context.preparing, len(self._versions), *task)

    def add_stored(self, version: ModelVersion, sha256s: Sequence[str]) -> None:
        """Predict stored images with a version. Without images, the session shows the predictions made elsewhere."""
        self._add_versions([version])
        self.job.count(total=len(sha256s))
        for sha256 in sha256s:
            self.job.submit(self._context.predicting, 1, self._predict_stored, version, sha256)

    def _add_versions(self, versions: Sequence[ModelVersion]) -> None:
        try:
            self._context.store.predictions.add_versions(self._session_id, versions, datetime.now(UTC))
        except UnknownSession:
            self.job.stop()  # somebody deleted the session

    def _add_upload(self, upload: Upload, previous: Future[None] | None) -> None:
        prepared = self._prepare(upload)
        if previous:
            # Images keep the order of their files, whichever is prepared first. The previous file was begun before.
            wait([previous])
        if isinstance(prepared, UnusableImage):
            self._reject(upload.name, str(prepared))
            self.job.count(total=-len(self._versions))
        else:
            self._add_image(prepared)

    def _prepare(self, upload: Upload) -> PreparedImage | UnusableImage:
        try:
            return self._context.images.prepare(upload.content, upload.name, self._context.limits)
        except UnusableImage as error:
            return error

    def _add_image(self, prepared: PreparedImage) -> None:
        arrival = self._context.store.images.add(self._session_id, prepared, datetime.now(UTC))
        if arrival is Arrival.PRESENT:
            self._reject(prepared.image.name, _ALREADY_HERE)
        for version in shuffle_versions(self._versions, prepared.image.sha256):
            self.job.submit(self._context.predicting, 1, self._predict, version, prepared, arrival is Arrival.NEW)

    def _reject(self, name: str, reason: str) -> None:
        self._context.store.images.add_rejected_file(self._session_id, RejectedFile(name, reason), datetime.now(UTC))

    def _predict_stored(self, version: ModelVersion, sha256: str) -> None:
        self._predict(version, get_outgoing_image(self._context.store, self._session_id, sha256), is_new=False)

    def _predict(self, version: ModelVersion, prepared: PreparedImage, is_new: bool) -> None:
        if self.job.stop_requested:
            self.job.count(skipped=1)
        elif not self._claim(version, prepared.image.sha256):
            self.job.count(done=1)
        else:
            stored = None if is_new else self._find_stored_prediction(version, prepared)
            record = stored or self._request_prediction(version, prepared)
            self.job.count(done=1, failed=int(record.failed))

    def _claim(self, version: ModelVersion, sha256: str) -> bool:
        # An upload may hold the same image twice: the second must not be predicted while the first is under way.
        with self._lock:
            is_first = (sha256, version) not in self._claimed
            self._claimed.add((sha256, version))
            return is_first

    def _find_stored_prediction(self, version: ModelVersion, prepared: PreparedImage) -> Record | None:
        records = self._context.store.predictions.find([prepared.image.sha256], [version])
        return next((record for record in records if not record.failed), None)

    def _request_prediction(self, version: ModelVersion, prepared: PreparedImage) -> Record:
        requested_at, start_s = datetime.now(UTC), time.perf_counter()
        outcome = predict_or_fail(self._context, version, prepared)
        latency_s = time.perf_counter() - start_s
        record = Record(prepared.image.sha256, version, self._session_id, requested_at, latency_s, outcome)
        self._context.store.predictions.add(record)
        return record


def shuffle_versions(versions: Sequence[ModelVersion], sha256: str) -> list[ModelVersion]:
    """Return the versions in a random order for this image: the first call may be the slowest."""
    return Random(sha256).sample(versions, len(versions))  # noqa: S311 - it only has to be fair


def predict_or_fail(context: PredictionContext, version: ModelVersion, prepared: PreparedImage) -> Prediction | Failure:
    """Return the version's prediction, or the reason why the call failed."""
    try:
        return context.client.predict(version, prepared)
    except ServiceError as error:
        return Failure(str(error))
