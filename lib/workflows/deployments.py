"""Versions on their way into service and out of it. That takes minutes, and goes on when the page is gone."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TypeVar

from lib.domain.audit import Action
from lib.domain.people import Actor
from lib.domain.predictions import ModelVersion
from lib.errors import ServiceError
from lib.providers.base import Provider
from lib.store import Store
from lib.workflows.audit import authorize, format_count, record_event

_LOG = logging.getLogger(__name__)
_DEFECT = "Something went wrong that should not; the log of this server has it."
# The methods of the API that change something, by the ends of their paths.
_METHODS = {
    ":deploy": Action.DEPLOY,
    "/DeployModel": Action.DEPLOY,
    ":undeploy": Action.UNDEPLOY,
    "/UndeployModel": Action.UNDEPLOY,
}
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Deployment:
    """How far one is. `words` say what is done, `share` is the part that is done, 0 to 1; `error` why it failed."""

    version: ModelVersion
    words: str
    share: float = 0.0
    finished: bool = False
    error: str = ""


class Deployments:
    """Those of this process, one for each version, so that every browser sees them. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, Deployment] = {}

    def start(self, version: ModelVersion, words: str, steps: Iterator[float]) -> bool:
        """Go through the steps, each of which gives the share that is done; unless the version is on its way already.

        Gives whether it started. ServiceError and its kinds become the deployment's `error`.
        """
        with self._lock:
            known = self._known.get(version.model_name)
            if known and not known.finished:
                return False
            self._known[version.model_name] = Deployment(version, words)
        Thread(target=self._follow, args=(version, words, steps), name="deployment", daemon=True).start()
        return True

    def has_any(self) -> bool:
        """Whether there is something to tell of."""
        with self._lock:
            return bool(self._known)

    def find(self) -> list[Deployment]:
        """All that are under way, or failed; those that have succeeded are told of once."""
        with self._lock:
            found = list(self._known.values())
            self._known = {each.version.model_name: each for each in found if not each.finished or each.error}
            return found

    def dismiss(self, version: ModelVersion) -> None:
        """Say no more of a failure."""
        with self._lock:
            known = self._known.get(version.model_name)
            if known and known.finished:
                del self._known[version.model_name]

    def _follow(self, version: ModelVersion, words: str, steps: Iterator[float]) -> None:
        try:
            for share in steps:
                self._keep(Deployment(version, words, share))
        except ServiceError as error:
            self._keep(Deployment(version, words, finished=True, error=str(error)))
        except Exception:
            _LOG.exception("%s %s failed", words, version.version)
            self._keep(Deployment(version, words, finished=True, error=_DEFECT))
        else:
            self._keep(Deployment(version, words, share=1.0, finished=True))

    def _keep(self, deployment: Deployment) -> None:
        with self._lock:
            self._known[deployment.version.model_name] = deployment


@dataclass(frozen=True, slots=True)
class DeploymentTarget:
    """A version, and the service that has it."""

    provider: Provider
    version: ModelVersion


def deploy_model(store: Store, actor: Actor, deployments: Deployments, target: DeploymentTarget, *, nodes: int) -> None:
    """Start to deploy the version, unless it is on its way already. Raises RoleMissing."""
    authorize(store, actor, Action.DEPLOY)
    steps = target.provider.deploy(target.version, nodes)
    if deployments.start(target.version, "Deploying", steps):
        details = f"{target.version.model_name}, {format_count(nodes, 'node')}"
        record_event(store, actor, Action.DEPLOY, details=details)


def undeploy_model(store: Store, actor: Actor, deployments: Deployments, target: DeploymentTarget) -> None:
    """Start to take the version out of service, unless it is on its way already. Raises RoleMissing."""
    authorize(store, actor, Action.UNDEPLOY)
    if deployments.start(target.version, "Removing", target.provider.undeploy(target.version)):
        record_event(store, actor, Action.UNDEPLOY, details=target.version.model_name)


def upload_model(store: Store, actor: Actor, name: str, add: Callable[[], _Result]) -> _Result:
    """Have the built-in service take in a version called `name`, which `add` does. Raises RoleMissing."""
    authorize(store, actor, Action.UPLOAD_MODEL)
    added = add()
    record_event(store, actor, Action.UPLOAD_MODEL, details=name)
    return added


def find_api_action(path: str) -> Action | None:
    """Return what a call of this path of the API changes; None where it changes nothing."""
    return next((action for end, action in _METHODS.items() if path.endswith(end)), None)


def record_api_call(store: Store, actor: Actor, path: str) -> None:
    """Record a call of the API that changed something; the right was checked before it was passed on."""
    action = find_api_action(path)
    if action is not None:
        record_event(store, actor, action, details=f"by the API: {path}")
