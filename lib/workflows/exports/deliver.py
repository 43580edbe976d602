"""Start exports and record downloads."""

from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.store import Store
from lib.workflows.authorization import authorize, record_event
from lib.workflows.blind_reviews import check_predictions_visible
from lib.workflows.exports.export_queue import ExportFile, ExportQueue, ExportRequest, Write
from lib.workflows.jobs import Job


def start_export(
    store: Store, actor: Actor, queue: ExportQueue, request: ExportRequest, write: Write
) -> Job[ExportFile]:
    """Build a file in the background. Raises RoleMissing and PredictionsHidden."""
    authorize(store, actor, Action.EXPORT, request.session_id)
    check_predictions_visible(store, request.session_id, actor.name)
    job = queue.start(request, write)
    record_event(store, actor, Action.EXPORT, request.session_id, request.name)
    return job


def record_download(store: Store, actor: Actor, file: ExportFile) -> None:
    """Record, before the file is sent, that the actor downloads it; once for each actor.

    Raises RoleMissing and PredictionsHidden.
    """
    request = file.request
    authorize(store, actor, Action.DOWNLOAD, request.session_id)
    check_predictions_visible(store, request.session_id, actor.name)
    if actor.name in file.downloaded_by:
        return
    built_for = "" if request.requested_by == actor.name else f", built for {request.requested_by or 'somebody'}"
    record_event(store, actor, Action.DOWNLOAD, request.session_id, f"{request.name}{built_for}")
    file.downloaded_by.add(actor.name)
