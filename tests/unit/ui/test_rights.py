"""Every change from a page checks the visitor's role first."""

from pathlib import Path

from lib.settings import ROOT
from tests.architecture.workflow_callers import find_changes, find_unguarded


def test_every_change_from_a_page_needs_a_role() -> None:
    assert find_unguarded(ROOT / "lib/ui", find_changes(ROOT / "lib/workflows")) == []


def test_a_change_without_a_role_is_found(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(
        "@needs(Action.DELETE_SESSION)\ndef good(store): delete_session(store, ada, 'a'); helped(store)\n"
        "def helped(store): change_review(store, ada, 'a', str)\n"
        "def bad(store): delete_session(store, ada, 'a')\n"
        "def passes_on(store): st.button('Clear', on_click=dismiss_file_errors)\n",
        encoding="utf-8",
    )

    changes = find_changes(ROOT / "lib/workflows")
    assert find_unguarded(tmp_path, changes) == ["bad", "passes_on"]
