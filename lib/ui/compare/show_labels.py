"""Each label for itself, where an image may show several."""

import streamlit as st

from lib.domain.predictions import Prediction, Record
from lib.stats.confusion import LabelStats, by_label
from lib.stats.descriptions import format_share
from lib.ui.frame import Page
from lib.workflows.compare import VersionComparison

_MOST_LABELS = 500
_USUAL_THRESHOLD = 0.5


def show_labels(page: Page, comparison: VersionComparison) -> None:
    """A row for each label: on how many images it is known, and how often the versions name it."""
    threshold = comparison.threshold or _USUAL_THRESHOLD
    st.caption(f"A label is named where its score reaches {threshold:.2f}, whatever other labels reach it too.")
    if comparison.result.is_distribution:
        st.caption("Per-label metrics apply only to multi-label models.")
    sha256s = [pair.sha256 for pair in comparison.pairs]
    versions = (comparison.version_pair.baseline, comparison.version_pair.candidate)
    found = page.store.predictions.find(sha256s, versions, session_id=comparison.version_pair.session_id)
    records = {(record.sha256, record.version): record for record in found}
    baseline, candidate = ([_prediction(records[sha256, version]) for sha256 in sha256s] for version in versions)
    rows = by_label(baseline, candidate, [pair.true_label for pair in comparison.pairs], threshold)
    shown = sorted(rows, key=lambda row: (-row.known, row.label))[:_MOST_LABELS]
    st.dataframe(_columns(shown, comparison), hide_index=True, alt=f"{len(shown)} labels by number of predictions")


def _prediction(record: Record) -> Prediction:
    return record.outcome if isinstance(record.outcome, Prediction) else Prediction((), ())


def _columns(rows: list[LabelStats], comparison: VersionComparison) -> dict[str, list[str | int]]:
    return {
        "Label": [row.label for row in rows],
        "Known images": [row.known for row in rows],
        f"Found by {comparison.baseline}": [_say(row.baseline_recall) for row in rows],
        f"Found by {comparison.candidate}": [_say(row.candidate_recall) for row in rows],
        "Same from both": [_say(row.same) for row in rows],
    }


def _say(share: float | None) -> str:
    return "" if share is None else format_share(share)
