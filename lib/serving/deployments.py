"""On how many nodes each model is deployed; the state is this process's, and the same for all projects.

A node is Google's word for a machine that answers. Here they are kept and given back, and all models share one machine.
"""

import threading
import time
from dataclasses import dataclass

from lib.serving.periods import Clock, Period, start_period
from lib.serving.refusals import changing

# What every model has at the start, and when it is deployed with no number named.
NODES = 1


@dataclass(frozen=True, slots=True)
class _Change:
    """From one number of nodes to another; 0 stands for a model that is not deployed."""

    before: int
    after: int
    period: Period

    @property
    def now(self) -> int:
        return self.before if self.period.remaining_s else self.after


class Deployments:
    """The deployment states, safe to ask from any thread. A change takes `takes_s`, and until then all stays as it was.

    All models are deployed at the start.
    """

    def __init__(self, takes_s: float = 0.0, clock: Clock = time.monotonic) -> None:
        self._takes_s = takes_s
        self._clock = clock
        self._untouched = _Change(NODES, NODES, start_period(0.0, clock))
        self._changes: dict[str, _Change] = {}
        self._lock = threading.Lock()

    def is_deployed(self, model_id: str) -> bool:
        """Whether the model may predict."""
        return self.node_count(model_id) > 0

    def node_count(self, model_id: str) -> int:
        """Number of nodes that the model is deployed on; 0 where it is not deployed."""
        with self._lock:
            return self._changes.get(model_id, self._untouched).now

    def deploy(self, model_id: str, node_count: int | None = None) -> Period:
        """Let the model predict, from the end of the period on; the period is over where nothing changes.

        Another number of nodes does not pause a model; no number leaves it as it is. Raises Refused while something
        else is done to the model.
        """
        return self._change(model_id, node_count)

    def undeploy(self, model_id: str) -> Period:
        """Let the model refuse to predict, from the end of the period on. Raises Refused as `deploy` does."""
        return self._change(model_id, 0)

    def _change(self, model_id: str, wanted: int | None) -> Period:
        with self._lock:
            last = self._changes.get(model_id, self._untouched)
            before = last.now
            after = (last.after or NODES) if wanted is None else wanted
            if after == last.after:
                # What is under way already is waited for; what is so already is over at once.
                return last.period if last.period.remaining_s else start_period(0.0, self._clock)
            if last.period.remaining_s:
                raise changing(last.period.remaining_s)
            period = start_period(self._takes_s, self._clock)
            self._changes[model_id] = _Change(before, after, period)
            return period
