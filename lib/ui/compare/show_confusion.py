"""Which labels are taken for which by both versions, and how that changes; a click on a cell lists its images."""

import streamlit as st

from lib.charts.confusion_grids import change_grid, confusion_grid, describe_confusion, find_clicked
from lib.stats.confusion import Cell, Confusion, Side, confuse, find_members
from lib.ui.compare.show_pairs import show_pairs
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_images
from lib.workflows.compare import VersionComparison

SIDE_KEY = "confusion-of"
GRID_KEY = "confusion-grid"
_CHANGE = "Change"


def show_confusion(page: Page, comparison: VersionComparison) -> None:
    """The grid of one version, or the change, and the images of the clicked cell."""
    confusion = confuse(comparison.pairs, comparison.threshold)
    if confusion is None:
        st.info("No ground truth yet. Review a few images to see which labels are confused.")
        return
    sides = {_CHANGE: None, comparison.baseline: Side.BASELINE, comparison.candidate: Side.CANDIDATE}
    name = st.segmented_control(
        "Confusion of",
        list(sides),
        default=_CHANGE,
        format_func=escape_markdown,
        required=True,
        key=SIDE_KEY,
        bind="query-params",
    )
    cell = _choose_cell(confusion, sides[name or _CHANGE])
    if cell is None:
        st.caption("Click a cell to see its images.")
        return
    found = find_members(comparison.pairs, confusion, comparison.threshold, cell)
    truth, said = confusion.labels[cell.truth], confusion.labels[cell.said]
    st.markdown(escape_markdown(f"{format_images(len(found))}: true label {truth}, predicted {said}"))
    show_pairs(page, comparison, found)


def _choose_cell(confusion: Confusion, side: Side | None) -> Cell | None:
    if side is None:
        st.caption("Change from baseline. Blue: improved. Orange: worse.")
    chosen = st.plotly_chart(
        change_grid(confusion) if side is None else confusion_grid(confusion, side),
        key=f"{GRID_KEY}-{side.value if side else 'change'}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=_describe(confusion, side),
    )
    points = chosen["selection"]["points"]
    return find_clicked(points[0].get("customdata"), side) if points else None


def _describe(confusion: Confusion, side: Side | None) -> str:
    if side is not None:
        return describe_confusion(confusion, side)
    before, after = (describe_confusion(confusion, of) for of in Side)
    return f"Baseline: {before} Candidate: {after}"
