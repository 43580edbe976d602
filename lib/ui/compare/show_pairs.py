"""Images that two versions answered, as cards to click on."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.pairs import Answer, Pair
from lib.ui.addresses import find_requested_image, request_image, thumbnail_path
from lib.ui.cards import show_thumbnail
from lib.ui.frame import Page
from lib.ui.image_dialog import show_requested_image
from lib.ui.text import escape_markdown, shorten_name
from lib.workflows.compare import VersionComparison

PAIRS_PAGE_KEY = "pairs-page"
OPEN_KEY = "open-pair"
_CARD_PX = 220
_CARDS_A_PAGE = 12


def show_pairs(page: Page, comparison: VersionComparison, pairs: Sequence[Pair]) -> None:
    """Draw one page of the pairs; a click opens the image's full card."""
    pages = max(1, -(-len(pairs) // _CARDS_A_PAGE))
    number = st.pagination(pages, key=PAIRS_PAGE_KEY, bind="query-params") if pages > 1 else 1
    shown = pairs[(number - 1) * _CARDS_A_PAGE : number * _CARDS_A_PAGE]
    grid = st.grid("auto", min_column_width=_CARD_PX, gap="small", border=True)
    for pair in shown:
        with grid.cell():
            _show_pair(comparison, pair)
    asked = next((pair for pair in pairs if pair.sha256 == find_requested_image()), None)
    if asked:
        beside = [pair.sha256 for pair in pairs if pair.session_id == asked.session_id]
        show_requested_image(page, asked.session_id, beside, records_of=comparison.version_pair.session_id)


def _show_pair(comparison: VersionComparison, pair: Pair) -> None:
    show_thumbnail(thumbnail_path(pair.session_id, pair.sha256), pair.name)
    st.button(
        escape_markdown(shorten_name(pair.name)),
        key=f"{OPEN_KEY}-{pair.sha256}",
        type="tertiary",
        on_click=request_image,
        args=(pair.sha256,),
    )
    for name, answer in ((comparison.baseline, pair.baseline), (comparison.candidate, pair.candidate)):
        st.text(f"{name}: {describe_outcome(answer, pair.true_label, comparison.threshold)}")
    if pair.true_label is not None:
        st.caption(escape_markdown(f"True label: {pair.true_label}"))


def describe_outcome(answer: Answer, truth: str | None, threshold: float) -> str:
    """Label and score, with a sign and a word where the truth is known."""
    label = answer.label_from(threshold)
    words = f"{'no label' if label is None else label} {answer.score:.2f}"
    if truth is None:
        return words
    return f"✓ right, {words}" if label == truth else f"✗ wrong, {words}"
