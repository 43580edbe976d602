"""Which endpoints of Vertex AI answer for which versions, asked for now and then."""

import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

from lib.clients.vertex_catalogue import Deployed, read_deployed
from lib.domain.prediction import ModelVersion
from lib.errors import ModelUndeployed

_KNOWN_FOR_S = 30.0


class Places:
    """Where versions answer. `find_endpoints` lists the endpoints of a parent, `projects/P/locations/R`."""

    def __init__(self, find_endpoints: Callable[[str], Iterable[Mapping[str, Any]]]) -> None:
        self._find_endpoints = find_endpoints
        self._lock = Lock()
        self._known: dict[str, tuple[float, dict[str, Deployed]]] = {}

    def get(self, version: ModelVersion) -> Deployed:
        """Where the version answers; looks again before it raises ModelUndeployed."""
        for at_most_s in (_KNOWN_FOR_S, 0.0):
            place = self.find(version.model_name.partition("/models/")[0], at_most_s).get(version.model_name)
            if place:
                return place
        raise ModelUndeployed(
            f"{version.version} is not deployed, so it does not predict. Deploy it on the Models page, then try again."
        )

    def find(self, parent: str, at_most_s: float) -> dict[str, Deployed]:
        """All places by model name, as they were at most so many seconds ago."""
        with self._lock:
            known_at_s, known = self._known.get(parent, (float("-inf"), {}))
            if time.monotonic() - known_at_s > at_most_s:
                known = read_deployed(self._find_endpoints(parent))
                self._known[parent] = (time.monotonic(), known)
            return known

    def forget(self, parent: str) -> None:
        """Look again next time."""
        with self._lock:
            self._known.pop(parent, None)
