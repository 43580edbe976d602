"""How well a version did on its test images: AutoML's numbers beside the model file, in Vertex AI's form."""

import logging
import math
from dataclasses import dataclass

from lib.errors import UnservableModel
from lib.serving.bounded_files import exists
from lib.serving.evaluation_files import FILE_NAME, read_evaluation_file
from lib.serving.refusals import Refused
from lib.serving.served_models import ServedModel
from lib.serving.vertex.calls import Json
from lib.serving.vertex.fields import Fields
from lib.serving.vertex.times import rfc3339

_SUMMARIES = ("auPrc", "auRoc", "logLoss")
_OF_A_THRESHOLD = (
    *("confidenceThreshold", "recall", "precision", "f1Score", "falsePositiveRate"),
    *("recallAt1", "precisionAt1", "f1ScoreAt1", "falsePositiveRateAt1"),
    *("truePositiveCount", "falsePositiveCount", "falseNegativeCount", "trueNegativeCount"),
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Metrics over all test images, or over one label's; `label_id` and `label` are empty for all.

    `metrics` is JSON after classification_metrics_1.0.0.yaml of Vertex AI.
    """

    label_id: str
    label: str
    created_at: str
    metrics: Json


def find_evaluations(served: ServedModel) -> tuple[Evaluation, ...]:
    """The evaluations that lie beside the model file. A file that cannot be used is logged, and has none."""
    file = served.export.model_file.with_name(FILE_NAME)
    if not exists(file):
        return ()
    try:
        entries = Fields(read_evaluation_file(file)).items("modelEvaluation")
        return tuple(_read(Fields(entry, "modelEvaluation"), served) for entry in entries)
    except (UnservableModel, ValueError, Refused) as error:
        _log.warning("%s cannot be used: %s", file, error)
        return ()


def _read(entry: Fields, served: ServedModel) -> Evaluation:
    label_id = entry.text("annotationSpecId")
    return Evaluation(
        label_id=label_id,
        label=entry.text("displayName") or label_id,
        created_at=entry.text("createTime") or rfc3339(served.export.changed_at),
        metrics=_metrics(entry.inner("classificationEvaluationMetrics")),
    )


def _metrics(automl: Fields) -> Json:
    at_thresholds = [Fields(entry, "confidenceMetricsEntry") for entry in automl.items("confidenceMetricsEntry")]
    metrics = _numbers(automl, _SUMMARIES)
    if at_thresholds:
        metrics["confidenceMetrics"] = [_at_threshold(each) for each in at_thresholds]
    if automl.has("confusionMatrix"):
        metrics["confusionMatrix"] = _confusion_matrix(automl.inner("confusionMatrix"))
    return metrics


def _at_threshold(automl: Fields) -> Json:
    # The same number under another name: how many labels the model was taken to give at most.
    most = {"maxPredictions": automl.whole("positionThreshold", 0)} if automl.has("positionThreshold") else {}
    return _numbers(automl, _OF_A_THRESHOLD) | most


def _confusion_matrix(automl: Fields) -> Json:
    """Row i, column j: how many images of label i were taken for label j."""
    ids, labels = automl.items("annotationSpecId"), automl.items("displayName")
    known = [*zip(ids, labels, strict=True)] if len(ids) == len(labels) else [(each, each) for each in ids or labels]
    rows = [Fields(row, "row").items("exampleCount") for row in automl.items("row")]
    return {
        "annotationSpecs": [{"id": str(label_id), "displayName": str(label)} for label_id, label in known],
        "rows": [[count for count in row if _is_number(count)] for row in rows],
    }


def _numbers(automl: Fields, names: tuple[str, ...]) -> Json:
    """Those of the fields that are numbers."""
    values = {name: automl.value(name) for name in names}
    return {name: value for name, value in values.items() if _is_number(value)}


def _is_number(value: object) -> bool:
    """Whether JSON has it as number, or as string of digits, as it has 64-bit ones."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return isinstance(value, str) and value.isascii() and value.isdecimal()
    return math.isfinite(value)
