"""Deploy and undeploy models, which takes minutes, and upload them to the built-in service."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from lib.domain.jobs import JobKind
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.domain.predictions import ModelVersion
from lib.domain.wording import format_count
from lib.providers.base import Provider
from lib.store import Store
from lib.workflows.authorization import authorize, record_event
from lib.workflows.job_registry import Jobs
from lib.workflows.jobs import Job

_PERCENT = 100
# The methods of the API that change something, by the ends of their paths.
_METHODS = {
    ":deploy": Action.DEPLOY,
    "/DeployModel": Action.DEPLOY,
    ":undeploy": Action.UNDEPLOY,
    "/UndeployModel": Action.UNDEPLOY,
}
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class DeploymentTarget:
    """A version, and the provider that has it."""

    provider: Provider
    version: ModelVersion


def deploy_model(store: Store, actor: Actor, jobs: Jobs, target: DeploymentTarget, *, nodes: int) -> None:
    """Start to deploy a version, unless its deployment is changing already. Raises RoleMissing."""
    authorize(store, actor, Action.DEPLOY)
    if _start(jobs, target, "Deploying", target.provider.deploy(target.version, nodes)):
        details = f"{target.version.model_name}, {format_count(nodes, 'node')}"
        record_event(store, actor, Action.DEPLOY, details=details)


def undeploy_model(store: Store, actor: Actor, jobs: Jobs, target: DeploymentTarget) -> None:
    """Start to undeploy a version, unless its deployment is changing already. Raises RoleMissing."""
    authorize(store, actor, Action.UNDEPLOY)
    if _start(jobs, target, "Undeploying", target.provider.undeploy(target.version)):
        record_event(store, actor, Action.UNDEPLOY, details=target.version.model_name)


def _start(jobs: Jobs, target: DeploymentTarget, verb: str, shares_done: Iterator[float]) -> bool:
    version = target.version
    title = f"{verb} {version.family} {version.version}"
    job = Job[None](JobKind.DEPLOYMENT, version.model_name, title=title, total=_PERCENT)
    job.begin()  # before another click can add a second one
    is_first = jobs.add_unless_running(job)
    if is_first:
        job.start_thread(_follow, job, shares_done)
    job.end()
    return is_first


def _follow(job: Job[None], shares_done: Iterator[float]) -> None:
    for share in shares_done:
        job.advance_to(round(_PERCENT * share))
    job.advance_to(_PERCENT)


def upload_model(store: Store, actor: Actor, name: str, add: Callable[[], _Result]) -> _Result:
    """Have `add` upload a version called `name` to the built-in service. Raises RoleMissing."""
    authorize(store, actor, Action.UPLOAD_MODEL)
    added = add()
    record_event(store, actor, Action.UPLOAD_MODEL, details=name)
    return added


def find_api_action(path: str) -> Action | None:
    """Return the change that a call of this API path makes; None if it makes none."""
    return next((action for end, action in _METHODS.items() if path.endswith(end)), None)


def record_api_call(store: Store, actor: Actor, path: str) -> None:
    """Record an API call that changed something. Its right was checked before the call was passed on."""
    action = find_api_action(path)
    if action is not None:
        record_event(store, actor, action, details=f"by the API: {path}")
