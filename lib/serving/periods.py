"""Stretches of time, read off a clock that only goes forward."""

import time
from collections.abc import Callable
from dataclasses import dataclass

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
