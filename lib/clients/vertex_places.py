"""Which endpoints of Vertex AI answer for which versions, asked for now and then."""

import time
from collections.abc import Callable
from threading import Lock

from lib.clients.vertex_catalogue import Deployed
from lib.errors import ModelUndeployed
from lib.providers.resource_names import Location, ResourceName

_KNOWN_FOR_S = 30.0


class Places:
    """Where versions answer. `find_deployed` asks for all places in a location, by the version's model."""

    def __init__(self, find_deployed: Callable[[Location], dict[ResourceName, Deployed]]) -> None:
        self._find_deployed = find_deployed
        self._lock = Lock()
        self._known: dict[Location, tuple[float, dict[ResourceName, Deployed]]] = {}

    def get(self, model: ResourceName, called: str) -> Deployed:
        """Where a model answers; looks again before it raises ModelUndeployed about what it is `called`."""
        for at_most_s in (_KNOWN_FOR_S, 0.0):
            place = self.find(model.location, at_most_s).get(model)
            if place:
                return place
        raise ModelUndeployed(
            f"{called} is not deployed, so it does not predict. Deploy it on the Models page, then try again."
        )

    def find(self, location: Location, at_most_s: float) -> dict[ResourceName, Deployed]:
        """All places by model, as they were at most so many seconds ago."""
        with self._lock:
            known_at_s, known = self._known.get(location, (float("-inf"), {}))
            if time.monotonic() - known_at_s > at_most_s:
                known = self._find_deployed(location)
                self._known[location] = (time.monotonic(), known)
            return known

    def forget(self, location: Location) -> None:
        """Look again next time."""
        with self._lock:
            self._known.pop(location, None)
