"""How many calls a service gets at once: fewer when it says that they are too many."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

MOST_CALLS = 16
_SLOWS_DOWN_EVERY_S = 0.5


class Flow:
    """A bound on the calls in flight, shared by all who ask a service.

    Halved when the service has had too many, and raised by one for each round of calls that it answers: additive
    increase, multiplicative decrease. Source: Chiu & Jain (1989), Comput. Netw. ISDN Syst. 17:1.
    """

    def __init__(self, most: int = MOST_CALLS) -> None:
        self._most = most
        self._bound = float(most)
        self._in_flight = 0
        self._slowed_down_s = -_SLOWS_DOWN_EVERY_S
        self._changed = Condition()

    @property
    def bound(self) -> int:
        """How many calls may be in flight now."""
        return int(self._bound)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A place among the calls in flight; waits for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < self.bound)
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def slow_down(self) -> None:
        """The service had too many. Calls refused together are one sign, not many."""
        with self._changed:
            now_s = time.monotonic()
            if now_s - self._slowed_down_s >= _SLOWS_DOWN_EVERY_S:
                self._slowed_down_s = now_s
                self._bound = max(1.0, self._bound / 2)

    def speed_up(self) -> None:
        """The service answered."""
        with self._changed:
            self._bound = min(float(self._most), self._bound + 1 / self._bound)
            self._changed.notify_all()
