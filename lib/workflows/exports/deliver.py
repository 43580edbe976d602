"""Start exports and hand them out, with an entry in the audit log for both."""

from lib.domain.audit import Action
from lib.domain.people import Actor
from lib.store import Store
from lib.workflows.audit import authorize, record_event
from lib.workflows.exports.job import ExportJob, Exports, Write


def start_export(store: Store, actor: Actor, exports: Exports, job: ExportJob, write: Write) -> None:
    """Build the job's file in the background. Raises RoleMissing."""
    authorize(store, actor, Action.EXPORT, job.session_id)
    job.requested_by = actor.name
    exports.start(job, write)
    record_event(store, actor, Action.EXPORT, job.session_id, job.name)


def record_download(store: Store, actor: Actor, job: ExportJob) -> None:
    """Record that the actor fetches the file, once for each of them; to be called before it is sent.

    Raises RoleMissing.
    """
    authorize(store, actor, Action.DOWNLOAD, job.session_id)
    if actor.name in job.downloaded_by:
        return
    built_for = "" if job.requested_by == actor.name else f", built for {job.requested_by or 'somebody'}"
    record_event(store, actor, Action.DOWNLOAD, job.session_id, f"{job.name}{built_for}")
    job.downloaded_by.add(actor.name)
