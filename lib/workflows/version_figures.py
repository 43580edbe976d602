"""Figures of each version that need labels among all images: calibration, thresholds and labels.

They stand for all images: disagreements are labeled far more often than other images, and weigh less for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from lib.charts.trends import Trend
from lib.domain.label_texts import SameLabels, merge_predicted_labels
from lib.domain.pairs import Pair, PredictionSummary, VersionPair
from lib.domain.predictions import ModelVersion, Prediction, Record
from lib.domain.wording import format_count
from lib.images.image_workers import ImageWorkers
from lib.stats.accuracy import LabeledSample, estimate_each_accuracy, find_labeled, find_sample, find_scored_strata
from lib.stats.calibration import Calibration, compute_calibration
from lib.stats.confusion import Confusion, compute_confusion
from lib.stats.label_metrics import LabeledPredictions, LabelStats, compute_label_stats
from lib.stats.near_duplicates import Grouping, group_pairs
from lib.stats.thresholds import ThresholdPoint, compute_threshold_points
from lib.store import Store
from lib.workflows.compare import VersionComparison
from lib.workflows.compared_pairs import find_described_pairs

_SIDES: tuple[Callable[[Pair], PredictionSummary], ...] = (attrgetter("baseline"), attrgetter("candidate"))


def find_labels(comparison: VersionComparison) -> LabeledSample | None:
    """Return the labeled images with their weights; None while images of one kind have no label."""
    return find_sample(comparison.grouped, comparison.threshold)


def describe_missing_labels(comparison: VersionComparison) -> str:
    """Describe which labels such a figure needs."""
    return f"{_describe_unlabeled(comparison)} Review some, in the review order, to see this."


def _describe_unlabeled(comparison: VersionComparison) -> str:
    strata = {True: "disagreements", False: "images on which the versions agree"}
    missing = [
        noun
        for differs, noun in strata.items()
        if (own := [item for item in comparison.grouped if item[0].differs_at(comparison.threshold) is differs])
        and not find_labeled(own)
    ]
    return f"No ground truth yet among {' and '.join(missing)}."


def count_labels(sample: LabeledSample, comparison: VersionComparison) -> str:
    """Describe how many labels a figure rests on."""
    return f"From {format_count(len(sample.pairs), 'label')} of {format_count(len(comparison.pairs), 'image')}."


@dataclass(frozen=True, slots=True)
class ConfusionFigure:
    """Confusion matrices with the labeled images behind them. `basis` tells what the numbers count."""

    confusion: Confusion
    pairs: Sequence[Pair]
    basis: str


def find_confusion(comparison: VersionComparison) -> ConfusionFigure | None:
    """Return the confusion of both versions, among all images if labels stand for all; None without any label."""
    sample = find_labels(comparison)
    if sample is None:
        confusion = compute_confusion(comparison.pairs, comparison.threshold)
        basis = f"Counts of labeled images, which do not stand for all. {_describe_unlabeled(comparison)}"
        return None if confusion is None else ConfusionFigure(confusion, comparison.pairs, basis)
    weights = sample.weighting.weights
    confusion = compute_confusion(sample.pairs, comparison.threshold, weights)
    basis = count_labels(sample, comparison)
    if np.any(weights > 1):
        basis = f"Estimated numbers among all images. {basis}"
    return None if confusion is None else ConfusionFigure(confusion, sample.pairs, basis)


def find_calibrations(comparison: VersionComparison, sample: LabeledSample) -> dict[str, Calibration]:
    """Return the calibration of each version by name, as far as there are labels enough."""
    found = (
        compute_calibration([get(pair) for pair in sample.pairs], sample.true_labels, sample.weighting)
        for get in _SIDES
    )
    return {name: own for name, own in zip(comparison.names, found, strict=True) if own is not None}


def find_threshold_curves(comparison: VersionComparison) -> dict[str, list[ThresholdPoint]]:
    """Return precision, coverage and recall of each version over the score threshold."""
    curves = (
        compute_threshold_points(find_scored_strata(comparison.grouped, comparison.threshold, get)) for get in _SIDES
    )
    return dict(zip(comparison.names, curves, strict=True))


LABEL_THRESHOLD = 0.5
"""The score from which a multi-label model predicts a label, unless a threshold is chosen."""


def find_label_stats(store: Store, comparison: VersionComparison, sample: LabeledSample) -> list[LabelStats]:
    """Return precision, recall and false alarms of each label; for a distribution, of top labels."""
    sha256s = [pair.sha256 for pair in sample.pairs]
    versions = (comparison.version_pair.baseline, comparison.version_pair.candidate)
    found = store.predictions.find(sha256s, versions, session_id=comparison.version_pair.session_id)
    records = {(record.sha256, record.version): record for record in found}
    baseline, candidate = (
        [_get_prediction(records[sha256, version], comparison.same_labels) for sha256 in sha256s]
        for version in versions
    )
    is_single = comparison.result.is_distribution
    return compute_label_stats(
        LabeledPredictions(baseline, candidate, sample.true_labels, sample.weighting),
        comparison.threshold if is_single else comparison.threshold or LABEL_THRESHOLD,
        top_only=is_single,
    )


def find_trends(
    store: Store,
    session_id: str,
    versions: Mapping[str, ModelVersion],
    threshold: float,
    images: ImageWorkers | None = None,
) -> list[Trend]:
    """Return the trend of each version in the order given; the first is the baseline. `versions` are by name.

    Missing appearances are computed by `images`, or by workers for this call only.
    """
    metrics = store.matrix.find_trends(session_id, versions, threshold)
    predicting = [own.version for own in metrics if own.images]
    pairs = {
        name: find_described_pairs(store, VersionPair(session_id, versions[predicting[0]], versions[name]), images)
        for name in predicting
    }
    of_first = pairs[predicting[0]] if predicting else []
    groups = dict(zip((pair.sha256 for pair in of_first), group_pairs(of_first, Grouping.APPEARANCE), strict=True))
    accuracies = estimate_each_accuracy(pairs, groups, threshold)
    return [Trend(own, accuracies.get(own.version)) for own in metrics]


def _get_prediction(record: Record, same_labels: Sequence[SameLabels]) -> Prediction:
    if not isinstance(record.outcome, Prediction):
        return Prediction((), ())
    return merge_predicted_labels(record.outcome, same_labels) if same_labels else record.outcome
