"""The Fixes and regressions tab, and the cards of images that this tab and Confusion list."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import Pair, PredictionSummary
from lib.stats.flips import find_disagreements, find_fixes, find_regressions
from lib.ui.addresses import find_requested_image, request_image, thumbnail_path
from lib.ui.cards import show_thumbnail
from lib.ui.frame import Page
from lib.ui.image_dialog import show_requested_image
from lib.ui.text import MUST_NOT_REGRESS, escape_markdown, shorten_name
from lib.workflows.compare import VersionComparison

FLIPS_KEY = "flips"
PAIRS_PAGE_KEY = "pairs-page"
OPEN_KEY = "open-pair"
_CARD_PX = 220
_CARDS_PER_PAGE = 12


def show_flips(page: Page, comparison: VersionComparison) -> None:
    """Draw regressions, fixes or disagreements: the most confident wrong prediction first."""
    pairs_by_kind = {
        "Regressions": find_regressions(comparison.pairs, comparison.threshold),
        "Fixes": find_fixes(comparison.pairs, comparison.threshold),
        "Disagreements": find_disagreements(comparison.pairs, comparison.threshold),
    }
    first = next((kind for kind, pairs in pairs_by_kind.items() if pairs), "Regressions")
    st.markdown(escape_markdown(" · ".join(f"{kind} {len(pairs):,}" for kind, pairs in pairs_by_kind.items())))
    if comparison.result.prefix.waiting:
        st.caption("Among all labels. The verdict counts those that the review order has reached.")
    if FLIPS_KEY not in st.query_params:
        # Not a default of the widget: the address leaves defaults out, and this one changes with the data.
        st.session_state.setdefault(FLIPS_KEY, first)
    chosen = st.segmented_control(
        "Images",
        list(pairs_by_kind),
        format_func=escape_markdown,
        required=True,
        key=FLIPS_KEY,
        bind="query-params",
        label_visibility="collapsed",
    )
    pairs = pairs_by_kind[chosen or first]
    if pairs:
        show_pairs(page, comparison, pairs)
    else:
        st.markdown("No matching images.")


def show_pairs(page: Page, comparison: VersionComparison, pairs: Sequence[Pair]) -> None:
    """Draw one page of cards; a click on a name opens the image."""
    pages = max(1, -(-len(pairs) // _CARDS_PER_PAGE))
    number = st.pagination(pages, key=PAIRS_PAGE_KEY, bind="query-params") if pages > 1 else 1
    grid = st.grid("auto", min_column_width=_CARD_PX, gap="small", border=True)
    for pair in pairs[(number - 1) * _CARDS_PER_PAGE : number * _CARDS_PER_PAGE]:
        with grid.cell():
            _show_pair(comparison, pair)
    opened = next((pair for pair in pairs if pair.sha256 == find_requested_image()), None)
    if opened:
        neighbors = [pair.sha256 for pair in pairs if pair.session_id == opened.session_id]
        show_requested_image(page, opened.session_id, neighbors, records_of=comparison.version_pair.session_id)


def _show_pair(comparison: VersionComparison, pair: Pair) -> None:
    show_thumbnail(thumbnail_path(pair.session_id, pair.sha256), pair.name)
    st.button(
        escape_markdown(shorten_name(pair.name)),
        key=f"{OPEN_KEY}-{pair.sha256}",
        type="tertiary",
        on_click=request_image,
        args=(pair.sha256,),
    )
    for name, prediction in ((comparison.baseline, pair.baseline), (comparison.candidate, pair.candidate)):
        st.text(f"{name}: {describe_outcome(prediction, pair.true_label, comparison.threshold)}")
    if pair.true_label is not None:
        st.caption(escape_markdown(f"True label: {pair.true_label}"))
    if pair.must_not_regress:
        st.caption(MUST_NOT_REGRESS)


def describe_outcome(prediction: PredictionSummary, true_label: TrueLabel | None, threshold: float) -> str:
    """Return label and score and, with ground truth, whether the label is correct: "✓ correct, cat 0.93"."""
    label = prediction.label_at(threshold)
    text = f"{'no label' if label is None else label} {prediction.score:.2f}"
    if true_label is None:
        return text
    return f"✓ correct, {text}" if true_label.accepts(label) else f"✗ wrong, {text}"
