"""The Confusion and Labels tabs: which labels are confused, and how well each label is recognized."""

import streamlit as st

from lib.charts.confusion_grids import change_grid, confusion_grid, describe_confusion, find_clicked_cell
from lib.stats.confusion import Cell, Confusion, Side, find_cell_pairs
from lib.stats.descriptions import format_share
from lib.stats.intervals import EstimatedShare
from lib.stats.label_metrics import LabelStats
from lib.ui.compare.flips_tab import show_pairs
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_images
from lib.workflows.compare import VersionComparison
from lib.workflows.version_figures import (
    LABEL_THRESHOLD,
    count_labels,
    describe_missing_labels,
    find_confusion,
    find_label_stats,
    find_labels,
)

SIDE_KEY = "confusion-of"
GRID_KEY = "confusion-grid"
_CHANGE = "Change"
_MAX_LABELS = 500


def show_confusion(page: Page, comparison: VersionComparison) -> None:
    """Draw the confusion matrix of one version, or the change, and the images of the clicked cell."""
    figure = find_confusion(comparison)
    if figure is None:
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
    st.caption(escape_markdown(figure.basis))
    confusion = figure.confusion
    cell = _choose_cell(confusion, sides[name or _CHANGE])
    if cell is None:
        st.caption("Click a cell to see its labeled images.")
        return
    pairs = find_cell_pairs(figure.pairs, confusion, comparison.threshold, cell)
    true_label, predicted_label = confusion.labels[cell.true_label], confusion.labels[cell.predicted_label]
    st.markdown(escape_markdown(f"{format_images(len(pairs))}: true label {true_label}, predicted {predicted_label}"))
    show_pairs(page, comparison, pairs)


def _choose_cell(confusion: Confusion, side: Side | None) -> Cell | None:
    if side is None:
        st.caption("Change from baseline. Blue: improved. Orange: worse.")
    selection = st.plotly_chart(
        change_grid(confusion) if side is None else confusion_grid(confusion, side),
        key=f"{GRID_KEY}-{side.value if side else 'change'}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=_describe_grid(confusion, side),
    )
    points = selection["selection"]["points"]
    return find_clicked_cell(points[0].get("customdata"), side) if points else None


def _describe_grid(confusion: Confusion, side: Side | None) -> str:
    if side is not None:
        return describe_confusion(confusion, side)
    before, after = (describe_confusion(confusion, of) for of in Side)
    return f"Baseline: {before} Candidate: {after}"


def show_labels(page: Page, comparison: VersionComparison) -> None:
    """Draw a table with a row for each label: precision, recall and false alarms of both versions."""
    sample = find_labels(comparison)
    if sample is None:
        st.info(escape_markdown(describe_missing_labels(comparison)))
        return
    which = "The top label counts as predicted."
    if not comparison.result.is_distribution:
        threshold = comparison.threshold or LABEL_THRESHOLD
        which = f"Each label with a score of {threshold:.2f} or more counts as predicted, however many there are."
    caption = f"{which} {count_labels(sample, comparison)} In brackets: 95% confidence intervals."
    st.caption(escape_markdown(caption))
    rows = find_label_stats(page.store, comparison, sample)
    shown = sorted(rows, key=lambda row: (-row.labeled, -_count_false_alarms(row), row.label))[:_MAX_LABELS]
    st.dataframe(
        _to_columns(shown, comparison), hide_index=True, alt=f"{len(shown)} labels by number of labeled images"
    )


def _count_false_alarms(row: LabelStats) -> int:
    return sum(metrics.false_alarms for metrics in (row.baseline, row.candidate) if metrics)


def _to_columns(rows: list[LabelStats], comparison: VersionComparison) -> dict[str, list[str | int | None]]:
    columns: dict[str, list[str | int | None]] = {
        "Label": [row.label for row in rows],
        "Labeled images": [row.labeled for row in rows],
    }
    for name, sides in (
        (comparison.baseline, [row.baseline for row in rows]),
        (comparison.candidate, [row.candidate for row in rows]),
    ):
        columns[f"Precision of {name}"] = [_format_share(side.precision if side else None) for side in sides]
        columns[f"Recall of {name}"] = [_format_share(side.recall if side else None) for side in sides]
        columns[f"False alarms of {name}"] = [side.false_alarms if side else None for side in sides]
    return columns


def _format_share(share: EstimatedShare | None) -> str:
    if share is None:
        return ""
    low, high = share.interval.low * 100, share.interval.high * 100
    return f"{format_share(share.value)} ({low:.0f} to {high:.0f})"
