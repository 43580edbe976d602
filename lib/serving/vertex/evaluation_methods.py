"""How well a version did on its test images: AutoML's numbers beside the model file, in Vertex AI's form."""

import logging
import math
from dataclasses import dataclass

from lib.errors import UnservableModel
from lib.serving.api_errors import ApiError
from lib.serving.models.bounded_files import exists
from lib.serving.models.evaluation_files import FILE_NAME, read_evaluation_file
from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.fields import Call, Fields, Json, list_page, passes_filter
from lib.serving.vertex.registry import Registry, Version
from lib.serving.vertex.vertex_errors import not_found
from lib.serving.vertex.vertex_names import read_model_id, rfc3339, stable_id

_SUMMARIES = ("auPrc", "auRoc", "logLoss")
_OF_A_THRESHOLD = (
    *("confidenceThreshold", "recall", "precision", "f1Score", "falsePositiveRate"),
    *("recallAt1", "precisionAt1", "f1ScoreAt1", "falsePositiveRateAt1"),
    *("truePositiveCount", "falsePositiveCount", "falseNegativeCount", "trueNegativeCount"),
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VertexEvaluation:
    """Metrics over all test images, or over one label's; `label_id` and `label` are empty for all.

    `metrics` is JSON after classification_metrics_1.0.0.yaml of Vertex AI.
    """

    label_id: str
    label: str
    created_at: str
    metrics: Json


def find_evaluations(served: ServedModel) -> tuple[VertexEvaluation, ...]:
    """The evaluations that lie beside the model file. A file that cannot be used is logged, and has none."""
    file = served.export.model_file.with_name(FILE_NAME)
    if not exists(file):
        return ()
    try:
        entries = Fields(read_evaluation_file(file)).items("modelEvaluation")
        return tuple(_read(Fields(entry, "modelEvaluation"), served) for entry in entries)
    except (UnservableModel, ValueError, ApiError) as error:
        _log.warning("%s cannot be used: %s", file, error)
        return ()


def _read(entry: Fields, served: ServedModel) -> VertexEvaluation:
    label_id = entry.text("annotationSpecId")
    return VertexEvaluation(
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


_SCHEMA = "gs://google-cloud-aiplatform/schema/modelevaluation/classification_metrics_1.0.0.yaml"
_BY_LABEL = "annotationSpec"


class EvaluationMethods:
    """What is known of how well versions do. A version has one evaluation at most, and a slice of it for each label."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def list_evaluations(self, call: Call) -> Json:
        """Answer ListModelEvaluations."""
        _check_query(call)
        version, found = self._find(call)
        overall = [each for each in found if not each.label_id][:1]
        by_label = len(overall) < len(found)
        return list_page(
            call, "modelEvaluations", overall, lambda each: _describe(call, version, each, by_label=by_label)
        )

    def get_evaluation(self, call: Call) -> Json:
        """Answer GetModelEvaluation."""
        version, found = self._find_one(call)
        overall = next(each for each in found if not each.label_id)
        return _describe(call, version, overall, by_label=any(each.label_id for each in found))

    def list_slices(self, call: Call) -> Json:
        """Answer ListModelEvaluationSlices: one for each label."""
        _check_query(call)
        version, found = self._find_one(call)
        slices = [each for each in found if each.label_id]
        return list_page(call, "modelEvaluationSlices", slices, lambda each: _describe_slice(call, version, each))

    def get_slice(self, call: Call) -> Json:
        """Answer GetModelEvaluationSlice."""
        version, found = self._find_one(call)
        for each in found:
            if each.label_id and _slice_id(version, each) == call.variables["slices"]:
                return _describe_slice(call, version, each)
        raise not_found("ModelEvaluationSlice", call.variables["slices"])

    def _find(self, call: Call) -> tuple[Version, tuple[VertexEvaluation, ...]]:
        version = self._registry.get_version(read_model_id(call.variables["models"]))
        return version, find_evaluations(version.served)

    def _find_one(self, call: Call) -> tuple[Version, tuple[VertexEvaluation, ...]]:
        """The version, and all of its evaluation that the path names. Raises Refused."""
        version, found = self._find(call)
        wanted = call.variables["evaluations"]
        if wanted != _evaluation_id(version) or all(each.label_id for each in found):
            raise not_found("ModelEvaluation", wanted)
        return version, found


def _check_query(call: Call) -> None:
    call.query.only("pageSize", "pageToken", "filter")
    passes_filter(call.query.text("filter"), {})


def _evaluation_id(version: Version) -> str:
    return stable_id(f"evaluation {version.model_id}@{version.id}")


def _slice_id(version: Version, evaluation: VertexEvaluation) -> str:
    return stable_id(f"slice {version.model_id}@{version.id} {evaluation.label_id}")


def _evaluation_name(call: Call, version: Version) -> str:
    """Below the model as it was named: with a version, or without."""
    suffix = f"@{version.id}" if read_model_id(call.variables["models"]).version else ""
    return f"{call.location}/models/{version.model_id}{suffix}/evaluations/{_evaluation_id(version)}"


def _describe(call: Call, version: Version, evaluation: VertexEvaluation, *, by_label: bool) -> Json:
    fields = {
        "name": _evaluation_name(call, version),
        "metricsSchemaUri": _SCHEMA,
        "metrics": evaluation.metrics,
        "createTime": evaluation.created_at,
    }
    return fields | ({"sliceDimensions": [_BY_LABEL]} if by_label else {})


def _describe_slice(call: Call, version: Version, evaluation: VertexEvaluation) -> Json:
    return {
        "name": f"{_evaluation_name(call, version)}/slices/{_slice_id(version, evaluation)}",
        "slice": {"dimension": _BY_LABEL, "value": evaluation.label},
        "metricsSchemaUri": _SCHEMA,
        "metrics": evaluation.metrics,
        "createTime": evaluation.created_at,
    }
