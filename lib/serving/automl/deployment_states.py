"""Deployment states of the models: which are deployed, on how many nodes, and what is changing."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from lib.serving.api_errors import deployment_in_progress

Clock = Callable[[], float]
"""Returns seconds since an arbitrary moment, never fewer than before."""

DEFAULT_NODES = 1
"""Nodes of every model at the start, and of a model deployed without a number."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time on `clock`. With `takes_s` 0, it is over at once."""

    started_at_s: float
    takes_s: float
    clock: Clock

    @property
    def elapsed_s(self) -> float:
        """Elapsed time, from 0 to `takes_s`."""
        return min(max(0.0, self.clock() - self.started_at_s), self.takes_s)

    @property
    def remaining_s(self) -> float:
        """Remaining time, from 0 to `takes_s`."""
        return self.takes_s - self.elapsed_s


def start_period(takes_s: float, clock: Clock = time.monotonic) -> Period:
    """Return a period that starts now."""
    return Period(clock(), takes_s, clock)


@dataclass(frozen=True, slots=True)
class _Change:
    """A change in the number of nodes; 0 means not deployed."""

    before: int
    after: int
    period: Period

    @property
    def current(self) -> int:
        return self.before if self.period.remaining_s else self.after


class DeploymentStates:
    """The deployment states, thread-safe. A change takes effect after `takes_s`.

    At the start, all models are deployed.
    """

    def __init__(self, takes_s: float = 0.0, clock: Clock = time.monotonic) -> None:
        self._takes_s = takes_s
        self._clock = clock
        self._initial = _Change(DEFAULT_NODES, DEFAULT_NODES, start_period(0.0, clock))
        self._changes: dict[str, _Change] = {}
        self._lock = threading.Lock()

    def is_deployed(self, model_id: str) -> bool:
        """Report whether the model accepts predictions."""
        return self.node_count(model_id) > 0

    def node_count(self, model_id: str) -> int:
        """Return the number of nodes that the model is deployed on; 0 if it is not deployed."""
        with self._lock:
            return self._changes.get(model_id, self._initial).current

    def deploy(self, model_id: str, node_count: int | None = None) -> Period:
        """Deploy the model and return the period that this takes, which is over if nothing changes.

        The model stays available while its number of nodes changes; without `node_count` the number stays as it is.
        Raises ApiError during another change of the model.
        """
        return self._change(model_id, node_count)

    def undeploy(self, model_id: str) -> Period:
        """Undeploy the model and return the period that this takes. Raises ApiError as `deploy` does."""
        return self._change(model_id, 0)

    def _change(self, model_id: str, wanted: int | None) -> Period:
        with self._lock:
            last = self._changes.get(model_id, self._initial)
            before = last.current
            after = (last.after or DEFAULT_NODES) if wanted is None else wanted
            if after == last.after:
                # The same change is in progress, or has already taken effect.
                return last.period if last.period.remaining_s else start_period(0.0, self._clock)
            if last.period.remaining_s:
                raise deployment_in_progress(last.period.remaining_s)
            period = start_period(self._takes_s, self._clock)
            self._changes[model_id] = _Change(before, after, period)
            return period
