"""Uploaded files that have arrived and that no page has taken yet, within limits. Their contents are in the store."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST_FILES = 20_000
_VISITS_A_PERSON = 2
# The store deletes contents that no page has taken after six hours, too.
_KEPT_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Room:
    """A number of files, and their bytes."""

    files: int = 0
    size_bytes: int = 0

    def __add__(self, other: "Room") -> "Room":
        return Room(self.files + other.files, self.size_bytes + other.size_bytes)


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that has arrived: the key of its content in the store, and its size."""

    key: str
    size_bytes: int
    arrived_s: float = field(default_factory=time.monotonic)


NOT_STORED = WaitingFile("", 0)
"""A file that arrived and could not be stored."""


class PendingUploads:
    """The files of each visit, by the ids that Streamlit gives them. Thread-safe.

    They count while they arrive and until the page takes them. A visit may have `most_bytes` in MOST_FILES files, a
    person twice that.
    """

    def __init__(self, most_bytes: int) -> None:
        self.limit_text = f"The limit is {most_bytes >> 20:,} MB and {MOST_FILES:,} files at once. Use smaller batches."
        """Why a file is refused that has no room."""
        self._most = Room(MOST_FILES, most_bytes)
        self._lock = threading.Lock()
        self._people: dict[str, str] = {}
        self._arriving: dict[str, Room] = {}
        self._waiting: dict[str, dict[str, WaitingFile]] = {}
        self._refused: dict[str, Counter[str]] = {}

    @contextmanager
    def reserve(self, visit: str, person: str, size_bytes: int) -> Iterator[bool]:
        """Yield whether there is room for one more file of this size, and keep the room while the block runs."""
        with self._lock:
            has_room = self._has_room(visit, person, size_bytes)
            if has_room:
                self._count(visit, Room(1, size_bytes))
        try:
            yield has_room
        finally:
            if has_room:
                with self._lock:
                    self._count(visit, Room(-1, -size_bytes))

    def add(self, visit: str, file_id: str, file: WaitingFile) -> None:
        """Keep a file that has arrived until the page takes it."""
        with self._lock:
            self._waiting.setdefault(visit, {})[file_id] = file

    def find(self, visit: str, file_id: str) -> WaitingFile | None:
        """Return a file that has arrived; None if there is none, or if it was taken."""
        with self._lock:
            return self._waiting.get(visit, {}).get(file_id)

    def take(self, visit: str, file_id: str) -> WaitingFile | None:
        """Return a file that has arrived, which does not count any more; None if there is none."""
        with self._lock:
            return self._waiting.get(visit, {}).pop(file_id, None)

    def refuse(self, visit: str, reason: str) -> None:
        """Count a file that did not arrive, for a reason that the page shows."""
        with self._lock:
            self._refused.setdefault(visit, Counter())[reason] += 1

    def take_refused(self, visit: str) -> Counter[str]:
        """Return how many files of a visit were refused since the last call, by reason."""
        with self._lock:
            return self._refused.pop(visit, Counter())

    def _count(self, visit: str, change: Room) -> None:
        self._arriving[visit] = self._arriving.get(visit, Room()) + change
        if not self._arriving[visit].files:
            del self._arriving[visit]

    def _has_room(self, visit: str, person: str, size_bytes: int) -> bool:
        self._forget_old_ones()
        self._people[visit] = person
        held = {known: self._find_held(known) for known, owner in list(self._people.items()) if owner == person}
        for known, room in held.items():
            if not room.files and known != visit:
                del self._people[known]
        new = Room(1, size_bytes)
        return self._fits(held[visit] + new, 1) and self._fits(sum(held.values(), new), _VISITS_A_PERSON)

    def _forget_old_ones(self) -> None:
        since_s = time.monotonic() - _KEPT_S
        kept = {
            visit: {file_id: file for file_id, file in files.items() if file.arrived_s > since_s}
            for visit, files in self._waiting.items()
        }
        self._waiting = {visit: files for visit, files in kept.items() if files}

    def _fits(self, held: Room, times: int) -> bool:
        return held.files <= times * self._most.files and held.size_bytes <= times * self._most.size_bytes

    def _find_held(self, visit: str) -> Room:
        waiting = self._waiting.get(visit, {}).values()
        return sum((Room(1, file.size_bytes) for file in waiting), self._arriving.get(visit, Room()))
