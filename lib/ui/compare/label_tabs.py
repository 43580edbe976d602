"""The Confusion and Labels tabs: which labels are confused, and how well each label is recognized."""

import streamlit as st

from lib.charts.confusion_grids import change_grid, confusion_grid, describe_confusion, find_clicked_cell
from lib.domain.predictions import Prediction, Record
from lib.stats.confusion import (
    Cell,
    Confusion,
    LabelStats,
    Side,
    compute_confusion,
    compute_label_stats,
    find_cell_pairs,
)
from lib.stats.descriptions import format_share
from lib.ui.compare.flips_tab import show_pairs
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_images
from lib.workflows.compare import VersionComparison

SIDE_KEY = "confusion-of"
GRID_KEY = "confusion-grid"
_CHANGE = "Change"
_MAX_LABELS = 500
_DEFAULT_THRESHOLD = 0.5


def show_confusion(page: Page, comparison: VersionComparison) -> None:
    """Draw the confusion matrix of one version, or the change, and the images of the clicked cell."""
    confusion = compute_confusion(comparison.pairs, comparison.threshold)
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
    pairs = find_cell_pairs(comparison.pairs, confusion, comparison.threshold, cell)
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
    """Draw a table with a row for each label, for models that predict several labels per image."""
    threshold = comparison.threshold or _DEFAULT_THRESHOLD
    st.caption(f"Each label with a score of {threshold:.2f} or more counts as predicted, however many there are.")
    if comparison.result.is_distribution:
        st.caption("Per-label metrics apply only to multi-label models.")
    rows = _compute_label_stats(page, comparison, threshold)
    shown = sorted(rows, key=lambda row: (-row.labeled, row.label))[:_MAX_LABELS]
    st.dataframe(
        _to_columns(shown, comparison), hide_index=True, alt=f"{len(shown)} labels by number of labeled images"
    )


def _compute_label_stats(page: Page, comparison: VersionComparison, threshold: float) -> list[LabelStats]:
    sha256s = [pair.sha256 for pair in comparison.pairs]
    versions = (comparison.version_pair.baseline, comparison.version_pair.candidate)
    found = page.store.predictions.find(sha256s, versions, session_id=comparison.version_pair.session_id)
    records = {(record.sha256, record.version): record for record in found}
    baseline, candidate = ([_get_prediction(records[sha256, version]) for sha256 in sha256s] for version in versions)
    return compute_label_stats(baseline, candidate, [pair.true_label for pair in comparison.pairs], threshold)


def _get_prediction(record: Record) -> Prediction:
    return record.outcome if isinstance(record.outcome, Prediction) else Prediction((), ())


def _to_columns(rows: list[LabelStats], comparison: VersionComparison) -> dict[str, list[str | int]]:
    return {
        "Label": [row.label for row in rows],
        "Labeled images": [row.labeled for row in rows],
        f"Recall of {comparison.baseline}": [_format_share(row.baseline_recall) for row in rows],
        f"Recall of {comparison.candidate}": [_format_share(row.candidate_recall) for row in rows],
        "Agreement": [_format_share(row.agreement) for row in rows],
    }


def _format_share(share: float | None) -> str:
    return "" if share is None else format_share(share)
