"""The methods of ModelService that tell of evaluations, over all labels and label by label."""

from lib.serving.vertex.calls import Call, Json
from lib.serving.vertex.evaluations import Evaluation, find_evaluations
from lib.serving.vertex.lists import list_page, passes_filter
from lib.serving.vertex.names import read_model_id, stable_id
from lib.serving.vertex.refusals import not_found
from lib.serving.vertex.registry import Registry, Version

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

    def _find(self, call: Call) -> tuple[Version, tuple[Evaluation, ...]]:
        version = self._registry.get_version(read_model_id(call.variables["models"]))
        return version, find_evaluations(version.served)

    def _find_one(self, call: Call) -> tuple[Version, tuple[Evaluation, ...]]:
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


def _slice_id(version: Version, evaluation: Evaluation) -> str:
    return stable_id(f"slice {version.model_id}@{version.id} {evaluation.label_id}")


def _evaluation_name(call: Call, version: Version) -> str:
    """Below the model as it was named: with a version, or without."""
    suffix = f"@{version.id}" if read_model_id(call.variables["models"]).version else ""
    return f"{call.location}/models/{version.model_id}{suffix}/evaluations/{_evaluation_id(version)}"


def _describe(call: Call, version: Version, evaluation: Evaluation, *, by_label: bool) -> Json:
    fields = {
        "name": _evaluation_name(call, version),
        "metricsSchemaUri": _SCHEMA,
        "metrics": evaluation.metrics,
        "createTime": evaluation.created_at,
    }
    return fields | ({"sliceDimensions": [_BY_LABEL]} if by_label else {})


def _describe_slice(call: Call, version: Version, evaluation: Evaluation) -> Json:
    return {
        "name": f"{_evaluation_name(call, version)}/slices/{_slice_id(version, evaluation)}",
        "slice": {"dimension": _BY_LABEL, "value": evaluation.label},
        "metricsSchemaUri": _SCHEMA,
        "metrics": evaluation.metrics,
        "createTime": evaluation.created_at,
    }
