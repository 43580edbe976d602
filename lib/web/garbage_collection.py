"""Collects garbage at moments in which no page runs.

Streamlit collects all garbage after every run of a page, which takes longer than the run and makes everybody wait. It
is told not to (`postScriptGC` in .streamlit/config.toml); what cycles hold is freed from here.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_REST_S = 10.0
_AT_LATEST_S = 60.0


def set_aside() -> None:
    """Leave out of every later collection what is there now; to be called when all is imported.

    It stays as long as the process, and looking through it takes most of a collection's time.
    """
    gc.collect()
    gc.freeze()


class GarbageCollector:
    """Collects `rest_s` after the last time, as soon as no page runs; while pages always run, after `at_latest_s`."""

    def __init__(self, rest_s: float = _REST_S, at_latest_s: float = _AT_LATEST_S) -> None:
        self._rest_s = rest_s
        self._patience_s = at_latest_s - rest_s
        self._quiet = threading.Condition()
        self._running = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._collect_until_stopped, name="garbage", daemon=True)

    def start(self) -> None:
        """Begin to collect."""
        self._thread.start()

    @contextmanager
    def running(self) -> Iterator[None]:
        """While a page runs."""
        with self._quiet:
            self._running += 1
        try:
            yield
        finally:
            with self._quiet:
                self._running -= 1
                self._quiet.notify_all()

    def stop(self) -> None:
        """Collect no more."""
        self._stopped.set()
        with self._quiet:
            self._quiet.notify_all()
        self._thread.join()

    def _collect_until_stopped(self) -> None:
        while not self._stopped.wait(self._rest_s):
            with self._quiet:
                self._quiet.wait_for(lambda: self._running == 0 or self._stopped.is_set(), self._patience_s)
            gc.collect()
