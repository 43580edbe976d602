"""Garbage is collected between runs of pages."""

import gc
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from lib.web.garbage_collection import GarbageCollector

_LONG_S = 60.0
_SOON_S = 0.01


@contextmanager
def started(collector: GarbageCollector) -> Iterator[threading.Event]:
    """The collector at work; the event is set when it has collected everything."""
    collected = threading.Event()

    def note(phase: str, found: dict[str, int]) -> None:
        if phase == "stop" and found["generation"] == 2 and threading.current_thread().name == "garbage":
            collected.set()

    gc.callbacks.append(note)
    collector.start()
    try:
        yield collected
    finally:
        gc.callbacks.remove(note)
        collector.stop()


class Knot:
    """Holds itself, so that it is never freed by counting references; says when it is freed."""

    def __init__(self, freed: threading.Event) -> None:
        self.itself = self
        self._freed = freed

    def __del__(self) -> None:
        self._freed.set()


def test_reference_cycles_are_freed() -> None:
    freed = threading.Event()
    Knot(freed)

    with started(GarbageCollector(_SOON_S)):
        assert freed.wait(_LONG_S)


def test_nothing_is_collected_while_a_page_runs() -> None:
    collector = GarbageCollector(_SOON_S, most_wait_s=_LONG_S)

    with collector.running(), started(collector) as collected:
        assert not collected.wait(10 * _SOON_S)


def test_garbage_is_collected_as_soon_as_no_page_runs() -> None:
    collector = GarbageCollector(_SOON_S, most_wait_s=_LONG_S)

    with ExitStack() as page:
        page.enter_context(collector.running())
        with started(collector) as collected:
            page.close()
            assert collected.wait(_LONG_S)


def test_a_failed_page_no_longer_counts_as_running() -> None:
    collector = GarbageCollector(_SOON_S, most_wait_s=_LONG_S)

    with suppress(ZeroDivisionError), collector.running():
        raise ZeroDivisionError

    with started(collector) as collected:
        assert collected.wait(_LONG_S)


def test_constantly_running_pages_do_not_postpone_collection_forever() -> None:
    collector = GarbageCollector(_SOON_S, most_wait_s=2 * _SOON_S)

    with collector.running(), started(collector) as collected:
        assert collected.wait(_LONG_S)
