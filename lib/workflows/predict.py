"""Predict images with versions in the background. Files are stored before they are read, predictions as they arrive.

Of a file that cannot be read, the name and the reason are kept, and the others go on. Scores come from the provider's
client (`lib/providers/base.py`): for the built-in service and AutoML `automl.py`, for Vertex AI `vertex.py`.
"""

from collections.abc import Callable, Sequence

from lib.domain.images import Image
from lib.domain.jobs import JobRecord
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.domain.predictions import ModelVersion
from lib.domain.wording import format_count
from lib.store import Store
from lib.workflows.authorization import authorize, record_event
from lib.workflows.job_registry import AnyJob, Jobs
from lib.workflows.jobs import Job
from lib.workflows.prediction_context import PredictionContext
from lib.workflows.prediction_tasks import PredictionTasks, Upload


def predict_uploads(
    context: PredictionContext,
    actor: Actor,
    session_id: str,
    versions: Sequence[ModelVersion],
    uploads: Sequence[Upload],
) -> Job[None]:
    """Add files to the session and predict them with each version. Raises RoleMissing and StorageUnavailable."""
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
    job = _predict_stored(context, session_id, versions, context.store.predictions.find_unpredicted)
    _record(context, actor, session_id, "missing predictions", versions)
    return job


def retry_failed(
    context: PredictionContext, actor: Actor, session_id: str, versions: Sequence[ModelVersion]
) -> Job[None]:
    """Predict with each version the images on which it failed. Raises RoleMissing."""
    authorize(context.store, actor, Action.PREDICT, session_id)
    job = _predict_stored(context, session_id, versions, context.store.predictions.find_failed)
    _record(context, actor, session_id, "failed predictions", versions)
    return job


def _predict_stored(
    context: PredictionContext,
    session_id: str,
    versions: Sequence[ModelVersion],
    find_images: Callable[[str, ModelVersion], list[Image]],
) -> Job[None]:
    tasks = PredictionTasks(context, session_id, versions)
    images = {version: [image.sha256 for image in find_images(session_id, version)] for version in versions}
    tasks.add_stored(images)
    return tasks.job


def continue_predictions(context: PredictionContext, record: JobRecord) -> Job[None]:
    """Do what is left of a job that failed, or whose process has ended. Stored predictions are used again."""
    tasks = PredictionTasks(context, record.subject, read_versions(record), Job[None].continued(record))
    if record.stop_requested:
        tasks.job.stop()
    tasks.add_left(record)
    return tasks.job


def retry_unfinished(store: Store, jobs: Jobs, actor: Actor, job: AnyJob) -> None:
    """Continue a failed job of a session. Raises RoleMissing."""
    authorize(store, actor, Action.PREDICT, job.subject)
    count = store.incoming.count(job.id)
    if jobs.restart(job):
        record_event(store, actor, Action.PREDICT, job.subject, f"{format_count(count, 'file')} of a failed job")


def discard_unfinished(store: Store, jobs: Jobs, actor: Actor, job: AnyJob) -> None:
    """Forget a failed job of a session, with the files that it has not added. Raises RoleMissing."""
    authorize(store, actor, Action.DISMISS_FILE_ERRORS, job.subject)
    count = store.incoming.count(job.id, waiting=True)
    jobs.forget(job)  # unless somebody has just continued it
    details = f"{format_count(count, 'file')} that could not be added"
    record_event(store, actor, Action.DISMISS_FILE_ERRORS, job.subject, details)


def read_versions(record: JobRecord) -> list[ModelVersion]:
    """Return the versions that a stored prediction job asks."""
    return [ModelVersion(**version) for version in record.request["versions"]]


def _record(
    context: PredictionContext, actor: Actor, session_id: str, what: str, versions: Sequence[ModelVersion]
) -> None:
    names = ", ".join(f"{version.family} {version.version}" for version in versions)
    record_event(context.store, actor, Action.PREDICT, session_id, f"{what}: {names}")
