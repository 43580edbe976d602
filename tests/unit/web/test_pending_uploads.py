"""Limits of uploaded files that wait."""

import pytest

from lib.web.pending_uploads import MOST_FILES, PendingUploads, WaitingFile

MB = 1 << 20


@pytest.fixture
def uploads() -> PendingUploads:
    return PendingUploads(100 * MB)


def has_room(uploads: PendingUploads, size_mb: int, visit: str = "tab", person: str = "ada@example.com") -> bool:
    with uploads.reserve(visit, person, size_mb * MB) as has:
        return bool(has)


def add(uploads: PendingUploads, file_id: str, size_mb: int, visit: str = "tab") -> None:
    uploads.add(visit, file_id, WaitingFile(f"key of {file_id}", size_mb * MB))


def test_a_visit_cannot_exceed_its_limit(uploads: PendingUploads) -> None:
    add(uploads, "a", 60)

    assert (has_room(uploads, 40), has_room(uploads, 41)) == (True, False)


def test_uploads_in_progress_count_until_they_complete(uploads: PendingUploads) -> None:
    ada = "ada@example.com"
    with uploads.reserve("tab", ada, 60 * MB) as first, uploads.reserve("tab", ada, 60 * MB) as second:
        assert (first, second) == (True, False)

    assert has_room(uploads, 100)


def test_a_person_may_use_twice_the_limit_over_all_visits(uploads: PendingUploads) -> None:
    for visit in ("one", "two"):
        assert has_room(uploads, 90, visit)
        add(uploads, "a", 90, visit)

    assert (has_room(uploads, 30, "three"), has_room(uploads, 20, "three")) == (False, True)
    assert has_room(uploads, 100, "four", "grace@example.com")


def test_files_count_until_the_page_takes_them(uploads: PendingUploads) -> None:
    add(uploads, "a", 80)
    while_waiting = has_room(uploads, 30)

    taken = uploads.take("tab", "a")

    assert taken
    assert (taken.key, while_waiting, has_room(uploads, 100)) == ("key of a", False, True)
    assert uploads.take("tab", "a") is None


def test_a_visit_does_not_see_files_of_another(uploads: PendingUploads) -> None:
    add(uploads, "a", 1, "one")

    assert uploads.find("two", "a") is None
    assert uploads.find("one", "a")


def test_the_number_of_small_files_is_limited(uploads: PendingUploads) -> None:
    for number in range(MOST_FILES):
        add(uploads, str(number), 0)

    assert not has_room(uploads, 0)


def test_refused_files_are_counted_once_by_reason(uploads: PendingUploads) -> None:
    for reason in ("The disk is full.", "Too large.", "The disk is full."):
        uploads.refuse("tab", reason)

    assert uploads.take_refused("tab") == {"The disk is full.": 2, "Too large.": 1}
    assert uploads.take_refused("tab") == {}
