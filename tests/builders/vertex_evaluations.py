"""An evaluation.json as AutoML would give it, for a version with the labels red, green and blue."""

import json
from pathlib import Path
from typing import Any

# Ten red, eight green and six blue images; row by row what they were taken for.
CONFUSED = [[9, 1, 0], [0, 8, 0], [1, 2, 3]]
LABELS = ("red", "green", "blue")


def make_entry(label: str = "", **metrics: Any) -> dict[str, Any]:
    """One evaluation: over all images, or over those of a label."""
    threshold = {"confidenceThreshold": 0.5, "recall": 0.8, "precision": 0.9, "f1Score": 0.85}
    counts = {"truePositiveCount": "20", "positionThreshold": 2147483647, "falsePositiveRateAt1": 0.1}
    return {
        "name": f"projects/p/locations/us-central1/models/ICN1/modelEvaluations/{label or 'all'}",
        **({"annotationSpecId": str(LABELS.index(label)), "displayName": label} if label else {}),
        "createTime": "2026-01-02T03:04:05.000006Z",
        "evaluatedExampleCount": 24,
        "classificationEvaluationMetrics": {
            "auPrc": 0.95,
            "logLoss": 0.25,
            "confidenceMetricsEntry": [{"recall": 1, "precision": 0.4}, threshold | counts],
            **metrics,
        },
    }


def make_evaluation(folder: Path, *entries: Any) -> None:
    """Put an evaluation.json beside the model of a folder, by default one over all images and one for each label."""
    matrix = {
        "annotationSpecId": ["0", "1", "2"],
        "displayName": list(LABELS),
        "row": [{"exampleCount": row} for row in CONFUSED],
    }
    usual = [make_entry(confusionMatrix=matrix), *(make_entry(label, auRoc=0.99) for label in LABELS)]
    (folder / "evaluation.json").write_text(json.dumps({"modelEvaluation": list(entries) or usual}), encoding="utf-8")
