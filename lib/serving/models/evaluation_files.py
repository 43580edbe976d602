"""`evaluation.json` in a version's folder: the answer that AutoML's REST API gave when its evaluations were listed.

curl ".../v1/projects/P/locations/R/models/M/modelEvaluations?filter=" > evaluation.json
"""

import hashlib
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from google.cloud.automl_v1 import types
from google.protobuf import json_format

from lib.errors import UnservableModel, UnusableEvaluation
from lib.serving.json_objects import read_json_object
from lib.serving.models.bounded_files import exists, get_changed_at, read_file

FILE_NAME = "evaluation.json"
# A model of a thousand labels, with a hundred thresholds each.
_MOST_BYTES = 64 << 20
_MOST_VALUES = 2_000_000
_ListResponse = types.ListModelEvaluationsResponse.pb()
_ID = re.compile(r"[\w-]+")


def read_evaluations(folder: Path) -> tuple[Any, ...]:
    """The evaluations of the version in `folder`, none where it has no file; each named by its bare id.

    What the file leaves out is filled in: an id that stays the same from start to start, and the file's own time.
    Raises UnusableEvaluation with the reason why the file is of no use.
    """
    file = folder / FILE_NAME
    if not exists(file):
        return ()
    evaluations = _read(file)
    for evaluation in evaluations:
        evaluation.name = _bare_id(evaluation, folder)
        if not evaluation.HasField("create_time"):
            evaluation.create_time.FromDatetime(get_changed_at(file))
    _check_distinct((each.name for each in evaluations), "are named")
    return tuple(evaluations)


def read_evaluation_file(file: Path) -> dict[str, Any]:
    """The JSON object in the file. Raises UnservableModel for what is no file or too large, and ValueError."""
    return read_json_object(read_file(file, _MOST_BYTES), _MOST_VALUES)


def _read(file: Path) -> list[Any]:
    """The evaluations as the file has them, checked one by one."""
    try:
        listed = json_format.ParseDict(read_evaluation_file(file), _ListResponse())
    except UnservableModel as error:
        raise UnusableEvaluation(str(error)) from error
    except (ValueError, json_format.ParseError) as error:
        reason = f"{error!s:.200}"
        raise UnusableEvaluation(f"{file.name} is not a list of evaluations as AutoML gives it: {reason}") from error
    if listed.next_page_token:
        raise UnusableEvaluation(f"{file.name} is one page of several: ask AutoML for a larger pageSize")
    evaluations = list(listed.model_evaluation)
    _check_distinct((each.annotation_spec_id for each in evaluations), "are of annotationSpecId")
    for evaluation in evaluations:
        _check(evaluation)
    return evaluations


def _bare_id(evaluation: Any, folder: Path) -> str:
    """The last part of the evaluation's name; where it has none, one made of what it is an evaluation of."""
    if evaluation.name:
        return str(evaluation.name.rpartition("/")[2])
    of = f"evaluation {folder.parent.name}/{folder.name}/{evaluation.annotation_spec_id}"
    number = int.from_bytes(hashlib.sha256(of.encode()).digest()[:8], "big")
    return f"{number % 10**19:019}"


def _check_distinct(values: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise UnusableEvaluation(f"two evaluations {what} {value!r}")
        seen.add(value)


def _check(evaluation: Any) -> None:
    """Raise UnusableEvaluation where the evaluation holds what none can."""
    which = f"the evaluation of annotationSpecId {evaluation.annotation_spec_id!r}"
    if evaluation.WhichOneof("metrics") != "classification_evaluation_metrics":
        raise UnusableEvaluation(f"{which} has no classificationEvaluationMetrics")
    if evaluation.name and not _ID.fullmatch(evaluation.name.rpartition("/")[2]):
        raise UnusableEvaluation(f"{which} has a name that does not end in an id: {evaluation.name!r}")
    metrics = evaluation.classification_evaluation_metrics
    for message in (evaluation, metrics, *metrics.confidence_metrics_entry):
        _check_numbers(message, which)
    _check_matrix(metrics.confusion_matrix, which)


def _check_numbers(message: Any, which: str) -> None:
    """Raise UnusableEvaluation for a number that stands in the message itself and cannot be what it is called."""
    for field, value in message.ListFields():
        if isinstance(value, int | float) and not _possible(field.json_name, value):
            raise UnusableEvaluation(f"{which} has {field.json_name} of {value}")


def _possible(name: str, value: float) -> bool:
    """Whether a metric can have this value: counts and the log loss have no upper end, all else is a share."""
    if name.endswith(("Count", "positionThreshold", "logLoss")):
        return math.isfinite(value) and value >= 0
    return 0 <= value <= 1


def _check_matrix(matrix: Any, which: str) -> None:
    """A confusion matrix has a row and a column for each of its labels."""
    # Where labels have no ids, as in AutoML Tables, their names stand alone.
    size = len(matrix.annotation_spec_id) or len(matrix.display_name)
    if len(matrix.row) != size or any(len(row.example_count) != size for row in matrix.row):
        raise UnusableEvaluation(f"{which} has a confusionMatrix that is not {size} x {size}")
    if any(count < 0 for row in matrix.row for count in row.example_count):
        raise UnusableEvaluation(f"{which} has a confusionMatrix with negative counts")
