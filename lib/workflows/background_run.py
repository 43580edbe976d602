"""Work that goes on in the background when the page that started it is gone, and says how far it is."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from threading import Condition, Event

from lib.errors import UnknownSession
from lib.workflows.progress import Progress

_LOG = logging.getLogger(__name__)


class BackgroundRun:
    """Answers on their way into a session; `per_image` of them for each image. What runs here counts what it does."""

    def __init__(self, per_image: int, session_id: str) -> None:
        self.session_id = session_id
        self._per_image = per_image
        self._stopped = Event()
        self._changed = Condition()
        self._counts = Counter[str]()
        self._started_s = time.monotonic()

    def stop(self) -> None:
        """Ask nobody any more. Calls in flight still land."""
        self._stopped.set()

    def progress(self) -> Progress:
        """How far it is, now."""
        with self._changed:
            return self._progress()

    def wait(self, timeout_s: float | None = None) -> Progress:
        """Wait until nothing more will come, or the time is up; gives the progress then."""
        with self._changed:
            self._changed.wait_for(lambda: self._counts["open"] == 0, timeout_s)
            return self._progress()

    def _submit(self, executor: Executor, answers: int, task: Callable[..., None], *args: object) -> Future[None]:
        self._count(open=1)
        return executor.submit(self._guarded, answers, task, *args)

    def _guarded(self, answers: int, task: Callable[..., None], *args: object) -> None:
        # A defect in one task must reach the log and the page's count, or the run would seem to wait for ever.
        try:
            task(*args)
        except UnknownSession:
            # It was deleted meanwhile: nobody waits for the others.
            self.stop()
            self._count(skipped=answers)
        except Exception:
            _LOG.exception("%s failed", task.__name__)
            self._count(broken=answers)
        finally:
            self._count(open=-1)

    def _count(self, **changes: int) -> None:
        with self._changed:
            self._counts.update(changes)
            self._changed.notify_all()

    def _progress(self) -> Progress:
        return Progress(
            total=self._counts["total"],
            done=self._counts["done"],
            failed=self._counts["failed"],
            skipped=self._counts["skipped"],
            broken=self._counts["broken"],
            per_image=self._per_image,
            elapsed_s=time.monotonic() - self._started_s,
            finished=self._counts["open"] == 0,
        )
