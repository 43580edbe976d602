"""The Evaluation tab: metrics of the chosen versions that their providers measured after training."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from lib.charts.confusion_grids import change_grid, confusion_grid, describe_confusion
from lib.charts.threshold_charts import describe_operating_points, format_point, operating_points
from lib.domain.models import ConfusionCounts, Evaluation
from lib.domain.wording import format_count
from lib.stats.confusion import Confusion, Side
from lib.ui.frame import Page
from lib.ui.text import NO_VERSION, escape_markdown, format_list
from lib.web import providers

THRESHOLD_KEY = "evaluated-from"
LABEL_KEY = "evaluated-label"
_ALL = "all labels"
_NOT_REPORTED = "not reported"
_HOW_TO_ADD = (
    "Providers store an evaluation of each version that they train. For the built-in provider, add an evaluation.json"
    " next to the model, in the format of AutoML's ListModelEvaluations."
)
EvaluationsByVersion = Mapping[str, list[Evaluation]]


def show_evaluation(page: Page) -> None:
    """Draw overall metrics, precision and recall over the threshold, and confusion matrices."""
    versions = page.versions
    if not versions:
        st.info(NO_VERSION)
        return
    found = {name: providers.evaluations_of(version) for name, version in versions.items()}
    missing = [name for name, evaluations in found.items() if not evaluations]
    if missing:
        st.info(escape_markdown(f"No evaluation of {format_list(missing)}. {_HOW_TO_ADD}"))
    known = {name: evaluations for name, evaluations in found.items() if evaluations}
    if known:
        _show_metrics(known)
        _show_curves(known, page.colors)
        _show_confusion(known)


def _show_metrics(known: EvaluationsByVersion) -> None:
    st.table(
        {
            "Over all labels": ["Images", "AuPRC (1 is best)", "AuROC (1 is best)", "Log loss (0 is best)"],
            **{escape_markdown(name): _list_metrics(evaluations[0]) for name, evaluations in known.items()},
        }
    )


def _list_metrics(overall: Evaluation) -> list[str]:
    images = f"{overall.examples:,}" if overall.examples else _NOT_REPORTED
    return [images, *(_format_metric(metric) for metric in (overall.au_prc, overall.au_roc, overall.log_loss))]


def _format_metric(metric: float | None) -> str:
    return _NOT_REPORTED if metric is None else f"{metric:.3f}"


def _show_curves(known: EvaluationsByVersion, colors: Mapping[str, str]) -> None:
    labels = dict.fromkeys(evaluation.label or _ALL for evaluations in known.values() for evaluation in evaluations)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox("Precision and recall of", list(labels), key=LABEL_KEY, width=320)
        threshold = st.slider("Score threshold", 0.0, 1.0, 0.5, 0.01, key=THRESHOLD_KEY, width=320)
    of_label = {name: _find_of_label(evaluations, label) for name, evaluations in known.items()}
    points = {name: evaluation.at(threshold) if evaluation else None for name, evaluation in of_label.items()}
    for name, point in points.items():
        st.markdown(escape_markdown(f"{name}: {format_point(point) if point else f'no data for {label}'}"))
    curves = {name: evaluation.points for name, evaluation in of_label.items() if evaluation}
    st.plotly_chart(
        operating_points(curves, threshold, colors),
        key="operating-points",
        config={"displayModeBar": False},
        alt=describe_operating_points(points, threshold),
    )


def _find_of_label(evaluations: Sequence[Evaluation], label: str) -> Evaluation | None:
    return next((evaluation for evaluation in evaluations if (evaluation.label or _ALL) == label), None)


def _show_confusion(known: EvaluationsByVersion) -> None:
    matrices = {name: evaluations[0].confusion for name, evaluations in known.items()}
    reported = {name: matrix for name, matrix in matrices.items() if matrix}
    if not reported:
        st.caption("No confusion matrix. AutoML reports one for single-label models with at most ten labels.")
        return
    for name, matrix in reported.items():
        st.markdown(escape_markdown(f"Predicted by {name} (columns) and true label (rows)"))
        confusion = _make_confusion(matrix, matrix)
        description = describe_confusion(confusion, Side.BASELINE)
        st.plotly_chart(confusion_grid(confusion, Side.BASELINE), key=f"confusion-{name}", alt=description)
    _show_confusion_change(reported)


def _show_confusion_change(reported: Mapping[str, ConfusionCounts]) -> None:
    (baseline, before), *others = reported.items()
    for name, after in others:
        if after.labels == before.labels:
            st.markdown(escape_markdown(f"{name} minus {baseline}. Blue: improved. Orange: worse."))
            description = f"How the confusion changes over {format_count(len(before.labels), 'label')}"
            figure = change_grid(_make_confusion(before, after))
            st.plotly_chart(figure, key=f"confusion-change-{name}", alt=description)


def _make_confusion(before: ConfusionCounts, after: ConfusionCounts) -> Confusion:
    return Confusion(before.labels, np.array(before.counts, int), np.array(after.counts, int))
