"""Versions on their way into service and out of it. That takes minutes, and goes on when the page is gone."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock, Thread

from lib.domain.prediction import ModelVersion
from lib.errors import ServiceError

_LOG = logging.getLogger(__name__)
_DEFECT = "Something went wrong that should not; the log of this server has it."


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

    def start(self, version: ModelVersion, words: str, steps: Iterator[float]) -> None:
        """Go through the steps, each of which gives the share that is done; unless the version is on its way already.

        ServiceError and its kinds become the deployment's `error`.
        """
        with self._lock:
            known = self._known.get(version.model_name)
            if known and not known.finished:
                return
            self._known[version.model_name] = Deployment(version, words)
        Thread(target=self._follow, args=(version, words, steps), name="deployment", daemon=True).start()

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
