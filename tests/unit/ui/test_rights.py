"""Every change checks the right of who makes it, and pages show denials."""

from pathlib import Path

from lib.settings import ROOT
from tests.architecture.workflow_callers import find_changes, find_unauthorized, find_unguarded


def test_every_change_checks_the_right_of_the_actor() -> None:
    assert find_unauthorized(ROOT / "lib/workflows") == set()


def test_a_change_that_does_not_check_the_right_is_found(tmp_path: Path) -> None:
    (tmp_path / "sessions.py").write_text(
        "def rename(store, actor): authorize(store, actor, Action.RENAME_SESSION); record_event(store, actor)\n"
        "def rename_all(store, actor): rename(store, actor)\n"
        "def delete(store, actor): store.sessions.delete(); record_event(store, actor)\n",
        encoding="utf-8",
    )

    assert find_unauthorized(tmp_path) == {"delete"}


def test_every_change_from_a_page_shows_a_denial() -> None:
    assert find_unguarded(ROOT / "lib/ui", find_changes(ROOT / "lib/workflows")) == []


def test_a_change_from_a_page_that_would_not_show_a_denial_is_found(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(
        "@makes_change\ndef good(store): delete_session(store, ada, 'a'); helped(store)\n"
        "def helped(store): change_review(store, ada, 'a', str)\n"
        "def bad(store): delete_session(store, ada, 'a')\n"
        "def passes_on(store): st.button('Clear', on_click=dismiss_file_errors)\n",
        encoding="utf-8",
    )

    changes = find_changes(ROOT / "lib/workflows")
    assert find_unguarded(tmp_path, changes) == ["bad", "passes_on"]
