"""Which models are deployed: all at the start; the state is this process's, and the same for all projects."""

import threading


class Deployments:
    """The deployment states, safe to ask from any thread."""

    def __init__(self) -> None:
        self._undeployed: set[str] = set()
        self._lock = threading.Lock()

    def is_deployed(self, model_id: str) -> bool:
        """Whether the model may predict."""
        with self._lock:
            return model_id not in self._undeployed

    def deploy(self, model_id: str) -> None:
        """Let the model predict; no change where it may already."""
        with self._lock:
            self._undeployed.discard(model_id)

    def undeploy(self, model_id: str) -> None:
        """Let the model refuse to predict; no change where it does already."""
        with self._lock:
            self._undeployed.add(model_id)
