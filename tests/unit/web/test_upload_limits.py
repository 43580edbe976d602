"""Limits of uploaded data held in memory."""

from dataclasses import dataclass

import pytest

from lib.web.upload_limits import MOST_FILES, UploadLimits


@dataclass
class Taken:
    """A file that the page took over."""

    content: bytes


@pytest.fixture
def held() -> dict[str, list[int]]:
    """Sizes of what Streamlit holds, by visit."""
    return {}


@pytest.fixture
def limits(held: dict[str, list[int]]) -> UploadLimits:
    return UploadLimits(100, lambda visit: held.get(visit, []))


def has_room(limits: UploadLimits, size_bytes: int, visit: str = "tab", person: str = "ada@example.com") -> bool:
    with limits.reserve(visit, person, size_bytes) as has:
        return has


def test_a_visit_cannot_exceed_its_limit(limits: UploadLimits, held: dict[str, list[int]]) -> None:
    held["tab"] = [60]

    assert (has_room(limits, 40), has_room(limits, 41)) == (True, False)


def test_uploads_in_progress_count_until_they_complete(limits: UploadLimits) -> None:
    with limits.reserve("tab", "ada@example.com", 60) as first, limits.reserve("tab", "ada@example.com", 60) as second:
        assert (first, second) == (True, False)

    assert has_room(limits, 100)


def test_a_person_may_use_twice_the_limit_over_all_visits(limits: UploadLimits, held: dict[str, list[int]]) -> None:
    for visit in ("one", "two"):
        assert has_room(limits, 90, visit)
        held[visit] = [90]

    assert (has_room(limits, 30, "three"), has_room(limits, 20, "three")) == (False, True)
    assert has_room(limits, 100, "four", "grace@example.com")


def test_files_taken_by_the_page_count_until_they_are_processed(limits: UploadLimits) -> None:
    taken = Taken(bytes(80))
    limits.keep("tab", taken, len(taken.content))
    while_waiting = has_room(limits, 30)

    del taken

    assert (while_waiting, has_room(limits, 100)) == (False, True)


def test_the_number_of_small_files_is_limited(limits: UploadLimits, held: dict[str, list[int]]) -> None:
    held["tab"] = [0] * MOST_FILES

    assert not has_room(limits, 0)


def test_rejected_files_are_counted_once(limits: UploadLimits) -> None:
    for _ in range(3):
        has_room(limits, 101)

    assert (limits.take_refused("tab"), limits.take_refused("tab")) == (3, 0)
