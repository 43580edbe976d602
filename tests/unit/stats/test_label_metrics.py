"""Precision, recall and false alarms of labels, against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score

from lib.domain.annotations import TrueLabel
from lib.domain.predictions import Prediction
from lib.stats.intervals import Weighting
from lib.stats.label_metrics import LabeledPredictions, LabelStats, compute_label_stats

SKY_AND_TREE, SKY, NOTHING = (TrueLabel(labels) for labels in (("sky", "tree"), ("sky",), ()))


def predict(**scores: float) -> Prediction:
    return Prediction(tuple(scores), tuple(scores.values()))


def measure(
    baseline: list[Prediction], candidate: list[Prediction], true_labels: list[TrueLabel], weights: list[float]
) -> dict[str, LabelStats]:
    weighting = Weighting(np.array(weights), np.arange(len(weights)))
    labeled = LabeledPredictions(baseline, candidate, true_labels, weighting)
    return {row.label: row for row in compute_label_stats(labeled, 0.5, top_only=False)}


def test_precision_and_recall_match_scikit_learn() -> None:
    random = np.random.default_rng(3)
    scores, applies = random.random(200), random.random(200) < 0.4
    weights = random.integers(1, 9, 200)
    predictions = [predict(sky=float(score)) for score in scores]
    true_labels = [SKY if has_label else NOTHING for has_label in applies]

    sky = measure(predictions, predictions, true_labels, weights.tolist())["sky"].baseline

    assert sky is not None
    assert sky.precision is not None
    assert sky.recall is not None
    predicted = scores >= 0.5
    assert sky.precision.value == pytest.approx(precision_score(applies, predicted, sample_weight=weights))
    assert sky.recall.value == pytest.approx(recall_score(applies, predicted, sample_weight=weights))
    assert sky.false_alarms == int(np.sum(predicted & ~applies))


def test_each_version_is_measured_on_its_own_labels() -> None:
    # Right, a missed label, and a false alarm.
    baseline = [predict(sky=0.9, tree=0.8), predict(sky=0.2, tree=0.1), predict(sky=0.7, tree=0.1)]
    candidate = [predict(sky=0.9), predict(sky=0.9), predict(sky=0.1)]

    rows = measure(baseline, candidate, [SKY_AND_TREE, SKY, NOTHING], [1.0] * 3)

    assert (rows["sky"].labeled, rows["tree"].labeled) == (2, 1)
    assert rows["tree"].candidate is None
    assert rows["sky"].baseline is not None
    assert rows["sky"].baseline.precision is not None
    assert (rows["sky"].baseline.precision.value, rows["sky"].baseline.false_alarms) == (0.5, 1)
    assert rows["sky"].candidate is not None
    assert rows["sky"].candidate.recall is not None
    assert rows["sky"].candidate.recall.value == 1.0


def test_a_label_that_is_never_predicted_has_no_precision() -> None:
    never = measure([predict(sky=0.1)], [predict(sky=0.1)], [SKY], [1.0])["sky"].baseline

    assert never is not None
    assert never.precision is None
    assert never.recall is not None
    assert never.recall.value == 0.0


def test_for_single_label_models_only_the_top_label_is_predicted() -> None:
    prediction = predict(sky=0.5, tree=0.5)
    labeled = LabeledPredictions([prediction], [prediction], [TrueLabel.one("tree")], Weighting.equal(1))

    sky, tree = compute_label_stats(labeled, 0.0, top_only=True)

    assert sky.baseline is not None
    assert sky.baseline.false_alarms == 1
    assert tree.baseline is not None
    assert tree.baseline.recall is not None
    assert (tree.baseline.precision, tree.baseline.recall.value) == (None, 0.0)


def test_weighted_images_widen_the_interval() -> None:
    predictions = [predict(sky=0.9)] * 40
    true_labels = [SKY if place % 2 else NOTHING for place in range(40)]

    def width(weights: list[float]) -> float:
        metrics = measure(predictions, predictions, true_labels, weights)["sky"].baseline
        assert metrics is not None
        assert metrics.precision is not None
        return metrics.precision.interval.high - metrics.precision.interval.low

    assert width([1.0] * 20 + [30.0] * 20) > 1.2 * width([1.0] * 40)


def test_a_burst_of_near_duplicates_tells_as_much_as_one_image() -> None:
    # 8 images in 4 bursts of 2, of which 3 are found: Wilson's interval of 3 of 4 is 0.3006 to 0.9544.
    found, missed = predict(sky=0.9), predict(sky=0.1)
    predictions = [found] * 6 + [missed] * 2
    weighting = Weighting(np.ones(8), np.repeat(np.arange(4), 2))
    labeled = LabeledPredictions(predictions, predictions, [SKY] * 8, weighting)

    (sky,) = compute_label_stats(labeled, 0.5, top_only=False)

    assert sky.baseline is not None
    assert sky.baseline.recall is not None
    interval = sky.baseline.recall.interval
    assert (sky.baseline.recall.value, round(interval.low, 4), round(interval.high, 4)) == (0.75, 0.3006, 0.9544)
