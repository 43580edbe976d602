"""`evaluation.json` in a version's folder: a saved response of AutoML's REST API to listing evaluations.

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
    """Return the evaluations of the version in `folder`, each named by its id; none without a file.

    A missing id is derived from the folder and label, so that it never changes; a missing time is the file's.
    Raises UnusableEvaluation with the reason if the file is invalid.
    """
    file = folder / FILE_NAME
    if not exists(file):
        return ()
    evaluations = _read(file)
    for evaluation in evaluations:
        evaluation.name = _bare_id(evaluation, folder)
        if not evaluation.HasField("create_time"):
            evaluation.create_time.FromDatetime(get_changed_at(file))
    _check_distinct((evaluation.name for evaluation in evaluations), "are named")
    return tuple(evaluations)


def read_evaluation_file(file: Path) -> dict[str, Any]:
    """Return the JSON object in the file. Raises UnservableModel if it is not a file or too large, and ValueError."""
    return read_json_object(read_file(file, _MOST_BYTES), _MOST_VALUES)


def _read(file: Path) -> list[Any]:
    """Return the evaluations in the file after checking each."""
    try:
        listed = json_format.ParseDict(read_evaluation_file(file), _ListResponse())
    except UnservableModel as error:
        raise UnusableEvaluation(str(error)) from error
    except (ValueError, json_format.ParseError) as error:
        reason = f"{error!s:.200}"
        raise UnusableEvaluation(f"{file.name} is not a list of evaluations from AutoML: {reason}") from error
    if listed.next_page_token:
        raise UnusableEvaluation(f"{file.name} is one page of several: request a larger pageSize from AutoML")
    evaluations = list(listed.model_evaluation)
    _check_distinct((evaluation.annotation_spec_id for evaluation in evaluations), "have annotationSpecId")
    for evaluation in evaluations:
        _check(evaluation)
    return evaluations


def _bare_id(evaluation: Any, folder: Path) -> str:
    """Return the last part of the evaluation's name or, if it has none, an id derived from version and label."""
    if evaluation.name:
        return str(evaluation.name.rpartition("/")[2])
    source = f"evaluation {folder.parent.name}/{folder.name}/{evaluation.annotation_spec_id}"
    number = int.from_bytes(hashlib.sha256(source.encode()).digest()[:8], "big")
    return f"{number % 10**19:019}"


def _check_distinct(values: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise UnusableEvaluation(f"two evaluations {what} {value!r}")
        seen.add(value)


def _check(evaluation: Any) -> None:
    """Raise UnusableEvaluation if the evaluation has impossible content."""
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
    """Raise UnusableEvaluation if a number in the message is impossible for its field."""
    for field, value in message.ListFields():
        if isinstance(value, int | float) and not _is_possible(field.json_name, value):
            raise UnusableEvaluation(f"{which} has {field.json_name} of {value}")


def _is_possible(name: str, value: float) -> bool:
    """Report whether a metric can have this value: counts and log loss have no upper limit, all others are shares."""
    if name.endswith(("Count", "positionThreshold", "logLoss")):
        return math.isfinite(value) and value >= 0
    return 0 <= value <= 1


def _check_matrix(matrix: Any, which: str) -> None:
    """Raise UnusableEvaluation unless the matrix has a row and a column for each label."""
    # In AutoML Tables, labels have names only.
    size = len(matrix.annotation_spec_id) or len(matrix.display_name)
    if len(matrix.row) != size or any(len(row.example_count) != size for row in matrix.row):
        raise UnusableEvaluation(f"{which} has a confusionMatrix that is not {size} x {size}")
    if any(count < 0 for row in matrix.row for count in row.example_count):
        raise UnusableEvaluation(f"{which} has a confusionMatrix with negative counts")
