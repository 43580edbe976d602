"""Each label for itself, for models that may give an image several."""

from sklearn.metrics import recall_score

from lib.domain.predictions import Prediction
from lib.stats.confusion import LabelStats, compute_label_stats


def make_predictions(*rows: tuple[float, float]) -> list[Prediction]:
    return [Prediction(("sky", "tree"), row) for row in rows]


def test_recall_and_agreement_of_a_label_are_counted_image_by_image() -> None:
    baseline = make_predictions((0.9, 0.8), (0.9, 0.1), (0.2, 0.6))
    candidate = make_predictions((0.9, 0.2), (0.4, 0.7), (0.1, 0.9))

    sky, tree = compute_label_stats(baseline, candidate, ["sky", "sky", "tree"], 0.5)

    assert sky == LabelStats("sky", labeled=2, baseline_recall=1.0, candidate_recall=0.5, agreement=2 / 3)
    assert tree == LabelStats("tree", labeled=1, baseline_recall=1.0, candidate_recall=1.0, agreement=1 / 3)


def test_recall_is_what_scikit_learn_gives() -> None:
    scores = [(0.9, 0.2), (0.3, 0.7), (0.6, 0.6), (0.1, 0.4), (0.8, 0.9)]
    true_labels = ["sky", "sky", "tree", "tree", "sky"]

    sky, _ = compute_label_stats(make_predictions(*scores), make_predictions(*scores), list(true_labels), 0.5)

    expected = recall_score([truth == "sky" for truth in true_labels], [sky_score >= 0.5 for sky_score, _ in scores])
    assert sky.baseline_recall == expected


def test_a_label_that_only_one_version_has_is_listed_without_the_other() -> None:
    (cat, dog) = compute_label_stats([Prediction(("cat",), (0.9,))], [Prediction(("dog",), (0.9,))], ["cat"], 0.5)

    assert (cat.candidate_recall, cat.agreement, dog.baseline_recall) == (None, None, None)


def test_a_label_without_labeled_images_has_no_recall() -> None:
    predictions = make_predictions((0.9, 0.9))

    (sky, _) = compute_label_stats(predictions, predictions, [None], 0.5)

    assert sky == LabelStats("sky", labeled=0, baseline_recall=None, candidate_recall=None, agreement=1.0)


def test_no_images_have_no_labels() -> None:
    assert compute_label_stats([], [], [], 0.5) == []
