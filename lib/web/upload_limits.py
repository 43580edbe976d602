"""Limits for uploaded files in memory."""

import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lib.web.streamlit_internals import find_upload_sizes

MOST_FILES = 2000
_VISITS_A_PERSON = 2


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """A number of files in memory, and their bytes."""

    files: int = 0
    size_bytes: int = 0

    def __add__(self, other: "MemoryUse") -> "MemoryUse":
        return MemoryUse(self.files + other.files, self.size_bytes + other.size_bytes)


class UploadLimits:
    """Limits for the files of one visit, and of one person in all their visits.

    They count while they arrive, while Streamlit holds them for the page, and until they are processed. A visit may
    hold `most_bytes` in MOST_FILES files, a person twice that. `find_sizes` returns the sizes of the files that
    Streamlit holds for a visit.
    """

    def __init__(self, most_bytes: int, find_sizes: Callable[[str], list[int]] = find_upload_sizes) -> None:
        self._most = MemoryUse(MOST_FILES, most_bytes)
        self._find_sizes = find_sizes
        # An object may be finalized, which counts, while this very thread holds the lock.
        self._lock = threading.RLock()
        self._people: dict[str, str] = {}
        self._files: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    @contextmanager
    def reserve(self, visit: str, person: str, size_bytes: int) -> Iterator[bool]:
        """Yield whether there is room for one more file of this size, and keep the room while the block runs."""
        with self._lock:
            has_room = self._has_room(visit, person, size_bytes)
            if has_room:
                self._count(visit, 1, size_bytes)
            else:
                self._refused[visit] += 1
        try:
            yield has_room
        finally:
            if has_room:
                self._count(visit, -1, -size_bytes)

    def keep(self, visit: str, owner: object, size_bytes: int) -> None:
        """Count a file that a page has taken over from Streamlit for as long as its owner lives."""
        self._count(visit, 1, size_bytes)
        weakref.finalize(owner, self._count, visit, -1, -size_bytes).atexit = False

    def take_refused(self, visit: str) -> int:
        """Return how many files of a visit were refused since the last call."""
        with self._lock:
            return self._refused.pop(visit, 0)

    def _count(self, visit: str, files: int, size_bytes: int) -> None:
        with self._lock:
            self._files[visit] += files
            self._bytes[visit] += size_bytes
            if not self._files[visit]:
                del self._files[visit], self._bytes[visit]

    def _has_room(self, visit: str, person: str, size_bytes: int) -> bool:
        self._people[visit] = person
        held = {known: self._find_held(known) for known, owner in list(self._people.items()) if owner == person}
        for known, use in held.items():
            if not use.files and known != visit:
                del self._people[known]
        new = MemoryUse(1, size_bytes)
        return self._fits(held[visit] + new, 1) and self._fits(sum(held.values(), new), _VISITS_A_PERSON)

    def _fits(self, held: MemoryUse, times: int) -> bool:
        return held.files <= times * self._most.files and held.size_bytes <= times * self._most.size_bytes

    def _find_held(self, visit: str) -> MemoryUse:
        sizes = self._find_sizes(visit)
        return MemoryUse(len(sizes) + self._files[visit], sum(sizes) + self._bytes[visit])
