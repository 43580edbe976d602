"""What training found of the chosen versions, beside one another."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from lib.charts.confusion_grids import change_grid, confusion_grid, describe_confusion
from lib.charts.theme import colors_of
from lib.charts.threshold_charts import describe_operating_points, format_point, operating_points
from lib.domain.models import ConfusionCounts, Evaluation
from lib.domain.wording import format_count
from lib.stats.confusion import Confusion, Side
from lib.ui import providers
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_list

THRESHOLD_KEY = "evaluated-from"
LABEL_KEY = "evaluated-label"
_ALL = "all labels"
Found = Mapping[str, list[Evaluation]]


def show_evaluation(page: Page) -> None:
    """Areas and losses, precision and recall over the threshold, overall and by label, and who is taken for whom."""
    versions = page.versions
    if not versions:
        st.info("Select one or two versions in the sidebar.")
        return
    found = {name: providers.evaluations_of(version) for name, version in versions.items()}
    without = [name for name, evaluations in found.items() if not evaluations]
    if without:
        st.info(escape_markdown(f"No evaluation of {format_list(without)}. {_HOW_TO_HAVE_ONE}"))
    known = {name: evaluations for name, evaluations in found.items() if evaluations}
    if known:
        _show_numbers(known)
        _show_curves(known, colors_of(versions))
        _show_confusion(known)


_HOW_TO_HAVE_ONE = (
    "Services keep one of each version that they train; the built-in service gives out an evaluation.json beside a"
    " model, in the form of AutoML's ListModelEvaluations."
)


def _show_numbers(known: Found) -> None:
    overall = {name: evaluations[0] for name, evaluations in known.items()}
    st.table(
        {
            "Over all labels": ["Images", "AuPRC (1 is best)", "AuROC (1 is best)", "Log loss (0 is best)"],
            **{
                escape_markdown(name): [
                    f"{each.examples:,}" if each.examples else "not said",
                    *(_say(number) for number in (each.au_prc, each.au_roc, each.log_loss)),
                ]
                for name, each in overall.items()
            },
        }
    )


def _show_curves(known: Found, colors: Mapping[str, str]) -> None:
    labels = dict.fromkeys(each.label or _ALL for evaluations in known.values() for each in evaluations)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox("Precision and recall of", list(labels), key=LABEL_KEY, width=320)
        threshold = st.slider("From a score of", 0.0, 1.0, 0.5, 0.01, key=THRESHOLD_KEY, width=320)
    of_label = {name: _find(evaluations, label) for name, evaluations in known.items()}
    points = {name: each.at(threshold) if each else None for name, each in of_label.items()}
    for name, point in points.items():
        st.markdown(escape_markdown(f"{name}: {format_point(point) if point else f'no data for {label}'}"))
    st.plotly_chart(
        operating_points({name: each.points for name, each in of_label.items() if each}, threshold, colors),
        key="operating-points",
        config={"displayModeBar": False},
        alt=describe_operating_points(points, threshold),
    )


def _show_confusion(known: Found) -> None:
    matrices = {name: evaluations[0].confusion for name, evaluations in known.items()}
    drawn = {name: matrix for name, matrix in matrices.items() if matrix}
    if not drawn:
        st.caption("No confusion matrix: AutoML makes one for models of at most ten labels, one an image.")
        return
    for name, matrix in drawn.items():
        st.markdown(escape_markdown(f"Predicted by {name} (columns) and true label (rows)"))
        confusion = _confuse(matrix, matrix)
        words = describe_confusion(confusion, Side.BASELINE)
        st.plotly_chart(confusion_grid(confusion, Side.BASELINE), key=f"confusion-{name}", alt=words)
    _show_change(drawn)


def _show_change(drawn: Mapping[str, ConfusionCounts]) -> None:
    (baseline, before), *others = drawn.items()
    for name, after in others:
        if after.labels == before.labels:
            st.markdown(escape_markdown(f"{name} minus {baseline}. Blue: improved. Orange: worse."))
            words = f"How the confusion changes over {format_count(len(before.labels), 'label')}"
            st.plotly_chart(change_grid(_confuse(before, after)), key=f"confusion-change-{name}", alt=words)


def _confuse(before: ConfusionCounts, after: ConfusionCounts) -> Confusion:
    return Confusion(before.labels, np.array(before.counts, int), np.array(after.counts, int))


def _find(evaluations: Sequence[Evaluation], label: str) -> Evaluation | None:
    return next((each for each in evaluations if (each.label or _ALL) == label), None)


def _say(number: float | None) -> str:
    return "not said" if number is None else f"{number:.3f}"
