"""Model evaluations: AutoML's metrics from the version's folder, in the format of Vertex AI."""

import logging
import math
from dataclasses import dataclass

from lib.errors import UnservableModel
from lib.serving.api_errors import ApiError
from lib.serving.models.bounded_files import exists
from lib.serving.models.evaluation_files import FILE_NAME, read_evaluation_file
from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.calls import VertexCall, list_page, passes_filter
from lib.serving.vertex.fields import Fields, Json
from lib.serving.vertex.registry import ModelRegistry, VertexVersion
from lib.serving.vertex.vertex_errors import vertex_not_found
from lib.serving.vertex.vertex_names import format_timestamp, parse_model_id, stable_id

_SCHEMA = "gs://google-cloud-aiplatform/schema/modelevaluation/classification_metrics_1.0.0.yaml"
_BY_LABEL = "annotationSpec"
_SUMMARY_METRICS = ("auPrc", "auRoc", "logLoss")
_THRESHOLD_METRICS = (
    *("confidenceThreshold", "recall", "precision", "f1Score", "falsePositiveRate"),
    *("recallAt1", "precisionAt1", "f1ScoreAt1", "falsePositiveRateAt1"),
    *("truePositiveCount", "falsePositiveCount", "falseNegativeCount", "trueNegativeCount"),
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VertexEvaluation:
    """Metrics over all test images or over those of one label; `label_id` and `label` are empty for all.

    `metrics` is JSON in the schema of Vertex AI's classification_metrics_1.0.0.yaml.
    """

    label_id: str
    label: str
    created_at: str
    metrics: Json


def load_evaluations(served: ServedModel) -> tuple[VertexEvaluation, ...]:
    """Return the evaluations from the file beside the model file; none, with a warning in the log, if it is invalid."""
    file = served.export.model_file.with_name(FILE_NAME)
    if not exists(file):
        return ()
    try:
        entries = Fields(read_evaluation_file(file)).items("modelEvaluation")
        return tuple(_read_evaluation(Fields(entry, "modelEvaluation"), served) for entry in entries)
    except (UnservableModel, ValueError, ApiError) as error:
        _log.warning("%s cannot be used: %s", file, error)
        return ()


def _read_evaluation(entry: Fields, served: ServedModel) -> VertexEvaluation:
    label_id = entry.text("annotationSpecId")
    return VertexEvaluation(
        label_id=label_id,
        label=entry.text("displayName") or label_id,
        created_at=entry.text("createTime") or format_timestamp(served.export.changed_at),
        metrics=_metrics(entry.inner("classificationEvaluationMetrics")),
    )


def _metrics(automl: Fields) -> Json:
    entries = [Fields(entry, "confidenceMetricsEntry") for entry in automl.items("confidenceMetricsEntry")]
    metrics = _numbers(automl, _SUMMARY_METRICS)
    if entries:
        metrics["confidenceMetrics"] = [_threshold_metrics(entry) for entry in entries]
    if automl.has("confusionMatrix"):
        metrics["confusionMatrix"] = _confusion_matrix(automl.inner("confusionMatrix"))
    return metrics


def _threshold_metrics(automl: Fields) -> Json:
    # AutoML's position threshold is the maximum number of predicted labels, which Vertex AI calls maxPredictions.
    limit = {"maxPredictions": automl.integer("positionThreshold", 0)} if automl.has("positionThreshold") else {}
    return _numbers(automl, _THRESHOLD_METRICS) | limit


def _confusion_matrix(automl: Fields) -> Json:
    """Return the matrix; row i, column j counts the images of label i that were predicted as label j."""
    ids, labels = automl.items("annotationSpecId"), automl.items("displayName")
    specs = [*zip(ids, labels, strict=True)] if len(ids) == len(labels) else [(name, name) for name in ids or labels]
    rows = [Fields(row, "row").items("exampleCount") for row in automl.items("row")]
    return {
        "annotationSpecs": [{"id": str(label_id), "displayName": str(label)} for label_id, label in specs],
        "rows": [[count for count in row if _is_number(count)] for row in rows],
    }


def _numbers(automl: Fields, names: tuple[str, ...]) -> Json:
    """Return those of the named fields that are numbers."""
    values = {name: automl.value(name) for name in names}
    return {name: value for name, value in values.items() if _is_number(value)}


def _is_number(value: object) -> bool:
    """Report whether a value is a finite number, or a string of digits, the JSON form of 64-bit integers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return isinstance(value, str) and value.isascii() and value.isdecimal()
    return math.isfinite(value)


class EvaluationMethods:
    """The evaluations. A version has at most one, with a slice for each label."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry

    def list_evaluations(self, call: VertexCall) -> Json:
        """Answer ListModelEvaluations."""
        _check_query(call)
        version, found = self._load(call)
        overall = [evaluation for evaluation in found if not evaluation.label_id][:1]
        by_label = len(overall) < len(found)
        return list_page(
            call, "modelEvaluations", overall, lambda item: _describe(call, version, item, by_label=by_label)
        )

    def get_evaluation(self, call: VertexCall) -> Json:
        """Answer GetModelEvaluation."""
        version, found = self._get_named(call)
        overall = next(evaluation for evaluation in found if not evaluation.label_id)
        return _describe(call, version, overall, by_label=any(evaluation.label_id for evaluation in found))

    def list_slices(self, call: VertexCall) -> Json:
        """Answer ListModelEvaluationSlices with one slice per label."""
        _check_query(call)
        version, found = self._get_named(call)
        slices = [evaluation for evaluation in found if evaluation.label_id]
        return list_page(call, "modelEvaluationSlices", slices, lambda item: _describe_slice(call, version, item))

    def get_slice(self, call: VertexCall) -> Json:
        """Answer GetModelEvaluationSlice."""
        version, found = self._get_named(call)
        for evaluation in found:
            if evaluation.label_id and _slice_id(version, evaluation) == call.variables["slices"]:
                return _describe_slice(call, version, evaluation)
        raise vertex_not_found("ModelEvaluationSlice", call.variables["slices"])

    def _load(self, call: VertexCall) -> tuple[VertexVersion, tuple[VertexEvaluation, ...]]:
        version = self._registry.get_version(parse_model_id(call.variables["models"]))
        return version, load_evaluations(version.served)

    def _get_named(self, call: VertexCall) -> tuple[VertexVersion, tuple[VertexEvaluation, ...]]:
        """Return the version and its evaluations if the path names its evaluation. Raises ApiError."""
        version, found = self._load(call)
        wanted = call.variables["evaluations"]
        if wanted != _evaluation_id(version) or all(evaluation.label_id for evaluation in found):
            raise vertex_not_found("ModelEvaluation", wanted)
        return version, found


def _check_query(call: VertexCall) -> None:
    call.query.allow_only("pageSize", "pageToken", "filter")
    passes_filter(call.query.text("filter"), {})


def _evaluation_id(version: VertexVersion) -> str:
    return stable_id(f"evaluation {version.model_id}@{version.id}")


def _slice_id(version: VertexVersion, evaluation: VertexEvaluation) -> str:
    return stable_id(f"slice {version.model_id}@{version.id} {evaluation.label_id}")


def _evaluation_name(call: VertexCall, version: VertexVersion) -> str:
    """Return the name under the model as the request names it, with or without a version."""
    suffix = f"@{version.id}" if parse_model_id(call.variables["models"]).version else ""
    return f"{call.location}/models/{version.model_id}{suffix}/evaluations/{_evaluation_id(version)}"


def _describe(call: VertexCall, version: VertexVersion, evaluation: VertexEvaluation, *, by_label: bool) -> Json:
    fields = {
        "name": _evaluation_name(call, version),
        "metricsSchemaUri": _SCHEMA,
        "metrics": evaluation.metrics,
        "createTime": evaluation.created_at,
    }
    return fields | ({"sliceDimensions": [_BY_LABEL]} if by_label else {})


def _describe_slice(call: VertexCall, version: VertexVersion, evaluation: VertexEvaluation) -> Json:
    return {
        "name": f"{_evaluation_name(call, version)}/slices/{_slice_id(version, evaluation)}",
        "slice": {"dimension": _BY_LABEL, "value": evaluation.label},
        "metricsSchemaUri": _SCHEMA,
        "metrics": evaluation.metrics,
        "createTime": evaluation.created_at,
    }
