"""How much of what people upload is held in memory at once."""

import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lib.web.streamlit_internals import find_held_sizes

MOST_FILES = 2000
_VISITS_A_PERSON = 2


@dataclass(frozen=True, slots=True)
class Held:
    """Files in memory, and their bytes."""

    files: int = 0
    size_bytes: int = 0

    def __add__(self, other: "Held") -> "Held":
        return Held(self.files + other.files, self.size_bytes + other.size_bytes)


class UploadLimits:
    """Bounds what one visit, and one person in all their visits, have in memory: on its way in, held by Streamlit until
    the page takes it over, or taken over and not yet worked on.

    A visit may hold `most_bytes` in MOST_FILES files, a person twice that. `find_sizes` gives the sizes of the files
    that Streamlit holds for a visit.
    """

    def __init__(self, most_bytes: int, find_sizes: Callable[[str], list[int]] = find_held_sizes) -> None:
        self._most = Held(MOST_FILES, most_bytes)
        self._find_sizes = find_sizes
        # Objects may end, and tell of it, while this very thread is inside.
        self._lock = threading.RLock()
        self._people: dict[str, str] = {}
        self._files: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    @contextmanager
    def reserve(self, visit: str, person: str, size_bytes: int) -> Iterator[bool]:
        """Give whether there is room for one more file of this size; it is kept for as long as the block runs."""
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

    def keep(self, visit: str, taken: object, size_bytes: int) -> None:
        """Count what was taken over from Streamlit for as long as the object lives that holds it."""
        self._count(visit, 1, size_bytes)
        weakref.finalize(taken, self._count, visit, -1, -size_bytes).atexit = False

    def take_refused(self, visit: str) -> int:
        """Return how many files of a visit were refused since this was last asked."""
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
        held = {known: self._find_held(known) for known, who in list(self._people.items()) if who == person}
        for known, has in held.items():
            if not has.files and known != visit:
                del self._people[known]
        new = Held(1, size_bytes)
        return self._fits(held[visit] + new, 1) and self._fits(sum(held.values(), new), _VISITS_A_PERSON)

    def _fits(self, held: Held, times: int) -> bool:
        return held.files <= times * self._most.files and held.size_bytes <= times * self._most.size_bytes

    def _find_held(self, visit: str) -> Held:
        sizes = self._find_sizes(visit)
        return Held(len(sizes) + self._files[visit], sum(sizes) + self._bytes[visit])
