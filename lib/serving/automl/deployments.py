"""Stretches of time, read off a clock that only goes forward."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from lib.serving.api_errors import changing

# Gives seconds since some moment, never fewer than before.
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time. `began_s` is what `clock` said at its beginning; `takes_s` may be 0: over at once."""

    began_s: float
    takes_s: float
    clock: Clock

    @property
    def passed_s(self) -> float:
        """How much of it is behind us, 0 to `takes_s`."""
        return min(max(0.0, self.clock() - self.began_s), self.takes_s)

    @property
    def remaining_s(self) -> float:
        """How much of it is still to come, 0 to `takes_s`."""
        return self.takes_s - self.passed_s


def start_period(takes_s: float, clock: Clock = time.monotonic) -> Period:
    """A period that begins now."""
    return Period(clock(), takes_s, clock)


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


class DeploymentMethods:
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
