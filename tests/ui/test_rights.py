"""Whatever changes something asks first whether its visitor may."""

from pathlib import Path

from lib.settings import ROOT
from tests.ui.writers import find_unguarded


def test_every_change_from_a_page_needs_a_role() -> None:
    assert find_unguarded(ROOT / "lib/ui") == []


def test_a_change_that_asks_nobody_is_found(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(
        "@needs(Role.ADMIN)\ndef good(store): store.delete_session('a'); helped(store)\n"
        "def helped(store): store.set_review('a', 1)\n"
        "def bad(store): store.delete_session('a')\n"
        "def passes_on(store): st.button('Clear', on_click=store.clear_refusals)\n",
        encoding="utf-8",
    )

    assert find_unguarded(tmp_path) == ["bad", "passes_on"]
