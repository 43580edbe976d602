"""Start what runs in the background for a session, and stop it."""

from collections.abc import Sequence
from concurrent.futures import Executor

from lib.domain.audit import Action
from lib.domain.people import Actor
from lib.domain.predictions import ModelVersion
from lib.store import Store
from lib.workflows.audit import authorize, format_count, record_event
from lib.workflows.background_run import BackgroundRun
from lib.workflows.prediction_run import PredictionContext, PredictionRun, Upload
from lib.workflows.probe import ProbeTask
from lib.workflows.probe_run import ProbeRun


def predict_uploads(
    context: PredictionContext,
    actor: Actor,
    session_id: str,
    versions: Sequence[ModelVersion],
    uploads: Sequence[Upload],
) -> PredictionRun:
    """Take images into the session, and ask the versions about them. Raises RoleMissing."""
    authorize(context.store, actor, Action.PREDICT, session_id)
    run = PredictionRun(context, session_id, versions)
    run.take_in(uploads)
    _record(context, actor, session_id, format_count(len(uploads), "file"), versions)
    return run


def predict_missing(
    context: PredictionContext, actor: Actor, session_id: str, versions: Sequence[ModelVersion]
) -> PredictionRun:
    """Ask each version about the images that it was never asked about. Raises RoleMissing."""
    authorize(context.store, actor, Action.PREDICT, session_id)
    run = PredictionRun(context, session_id, versions)
    for version in versions:
        run.ask(version, [image.sha256 for image in context.store.predictions.find_unpredicted(session_id, version)])
    _record(context, actor, session_id, "images not asked yet", versions)
    return run


def retry_failed(
    context: PredictionContext, actor: Actor, session_id: str, versions: Sequence[ModelVersion]
) -> PredictionRun:
    """Ask each version again where its call failed. Raises RoleMissing."""
    authorize(context.store, actor, Action.PREDICT, session_id)
    run = PredictionRun(context, session_id, versions)
    for version in versions:
        run.ask(version, [image.sha256 for image in context.store.predictions.find_failed(session_id, version)])
    _record(context, actor, session_id, "failed images again", versions)
    return run


def start_probe(
    context: PredictionContext, actor: Actor, session_id: str, tasks: Sequence[ProbeTask], probing: Executor
) -> ProbeRun:
    """Ask versions about altered images. Raises RoleMissing."""
    authorize(context.store, actor, Action.PROBE, session_id)
    run = ProbeRun(context, session_id, tasks, probing)
    calls = sum(len(task.versions) for task in tasks)
    record_event(context.store, actor, Action.PROBE, session_id, format_count(calls, "call"))
    return run


def stop_run(store: Store, actor: Actor, run: BackgroundRun) -> None:
    """Ask nobody any more for this run. Raises RoleMissing."""
    authorize(store, actor, Action.STOP, run.session_id)
    run.stop()
    progress = run.progress()
    record_event(
        store, actor, Action.STOP, run.session_id, f"{progress.done:,} of {progress.total:,} answers were there"
    )


def _record(
    context: PredictionContext, actor: Actor, session_id: str, what: str, versions: Sequence[ModelVersion]
) -> None:
    names = ", ".join(f"{version.family} {version.version}" for version in versions)
    record_event(context.store, actor, Action.PREDICT, session_id, f"{what}: {names}")
