"""evaluation.json files, as AutoML's REST API answers, with numbers worked out by hand.

Thirty pictures, ten of each color, and what was said of them (rows: truth; columns: answer):

            red  green  blue
    red       8      1     1
    green     2      8     0
    blue      0      1     9

Overall, 8 + 8 + 9 = 25 of 30 answers are right: precision and recall are both 25 / 30 = 0.8333, the other 5 answers are
false positives of 60 possible ones (each picture has two wrong labels): 5 / 60 = 0.0833. Of red, 8 of 10 answers are
right and 8 of 10 pictures found: precision, recall and f1 are 0.8; 2 of 20 pictures of other colors: 0.1. Of green, 8
of 10 and 8 of 10 as well; of blue, 9 of 10 answers and 9 of 10 pictures.
"""

import json
from pathlib import Path
from typing import Any

MATRIX = [[8, 1, 1], [2, 8, 0], [0, 1, 9]]
OVERALL_PRECISION = 25 / 30


def make_entry(precision: float, recall: float, false_positive_rate: float, counts: tuple[int, int, int, int]) -> Any:
    """What is measured at a threshold of one half; `counts`: true and false positives, false and true negatives."""
    names = ("truePositiveCount", "falsePositiveCount", "falseNegativeCount", "trueNegativeCount")
    return {
        "confidenceThreshold": 0.5,
        "positionThreshold": 2147483647,
        "precision": precision,
        "recall": recall,
        "falsePositiveRate": false_positive_rate,
        "f1Score": 2 * precision * recall / (precision + recall),
        # 64-bit integers are strings in Google's JSON.
        **{name: str(count) for name, count in zip(names, counts, strict=True)},
    }


def make_overall(**fields: Any) -> dict[str, Any]:
    """The evaluation of all labels together."""
    metrics = {
        "auPrc": 0.9,
        "logLoss": 1.25,
        "confidenceMetricsEntry": [make_entry(25 / 30, 25 / 30, 5 / 60, (25, 5, 5, 55))],
        "confusionMatrix": {
            "annotationSpecId": ["0", "1", "2"],
            "displayName": ["red", "green", "blue"],
            "row": [{"exampleCount": row} for row in MATRIX],
        },
    }
    return {"evaluatedExampleCount": 30, "classificationEvaluationMetrics": metrics} | fields


def make_of_label(spec_id: str, label: str, entry: Any) -> dict[str, Any]:
    """The evaluation of one label."""
    return {
        "annotationSpecId": spec_id,
        "displayName": label,
        "evaluatedExampleCount": 10,
        "classificationEvaluationMetrics": {"auPrc": 0.9, "confidenceMetricsEntry": [entry]},
    }


def make_evaluations() -> list[dict[str, Any]]:
    """The overall evaluation, and those of red, green and blue."""
    return [
        make_overall(),
        make_of_label("0", "red", make_entry(0.8, 0.8, 0.1, (8, 2, 2, 18))),
        make_of_label("1", "green", make_entry(0.8, 0.8, 0.1, (8, 2, 2, 18))),
        make_of_label("2", "blue", make_entry(0.9, 0.9, 0.05, (9, 1, 1, 19))),
    ]


def write_evaluations(folder: Path, *evaluations: dict[str, Any]) -> Path:
    """Put evaluation.json into a version's folder; without `evaluations`, those of `make_evaluations`."""
    file = folder / "evaluation.json"
    file.write_text(json.dumps({"modelEvaluation": evaluations or make_evaluations()}), encoding="utf-8")
    return file
