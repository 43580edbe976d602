"""Garbage collection while no page runs.

Streamlit collects all garbage after every run of a page, which takes longer than the run and makes everybody wait. The
option `postScriptGC` in .streamlit/config.toml turns that off; this module frees what reference cycles hold.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_REST_S = 10.0
_MOST_WAIT_S = 60.0


def freeze_imports() -> None:
    """Exclude all present objects from later collections. To be called when everything is imported.

    These objects live as long as the process, and visiting them takes most of a collection's time.
    """
    gc.collect()
    gc.freeze()


class GarbageCollector:
    """Collects once `rest_s` have passed and no page runs; at the latest after `most_wait_s`."""

    def __init__(self, rest_s: float = _REST_S, most_wait_s: float = _MOST_WAIT_S) -> None:
        self._rest_s = rest_s
        self._most_pause_s = most_wait_s - rest_s
        self._quiet = threading.Condition()
        self._running = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._collect_until_stopped, name="garbage", daemon=True)

    def start(self) -> None:
        """Start collecting."""
        self._thread.start()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Put off collections while a page runs."""
        with self._quiet:
            self._running += 1
        try:
            yield
        finally:
            with self._quiet:
                self._running -= 1
                self._quiet.notify_all()

    def stop(self) -> None:
        """Stop collecting."""
        self._stopped.set()
        with self._quiet:
            self._quiet.notify_all()
        self._thread.join()

    def _collect_until_stopped(self) -> None:
        while not self._stopped.wait(self._rest_s):
            with self._quiet:
                self._quiet.wait_for(lambda: self._running == 0 or self._stopped.is_set(), self._most_pause_s)
            gc.collect()
