"""Export a session as JSON Lines in the format of AutoML Vision's batch predictions.

Source: https://cloud.google.com/php/docs/reference/cloud-automl/latest/V1.BatchPredictOutputConfig, "For Image
Classification": a line has the image's ID and its annotations; a failed one the ID and one google.rpc.Status.
"""

import json
from collections.abc import Iterator
from typing import Any

from lib.domain.predictions import Failure, Prediction, Record
from lib.store import Store
from lib.workflows.exports.rows import Advance, ExportRow, Selection, find_rows

_UNKNOWN = 2
"""google.rpc.Code of an error of which only the message is stored."""


def write_json_lines(store: Store, selection: Selection, advance: Advance) -> Iterator[bytes]:
    """Yield the file in pieces: a line for each image and version with all scores, best first.

    The ID is the SHA-256 of the image as sent. In addition to AutoML's fields, a line has file name, version, model,
    whether the image must not regress and, if known, the acceptable true labels: an empty list if none of the labels
    applies.
    """
    for row in find_rows(store, selection, advance):
        predicted = {name: record for name, record in row.records.items() if record is not None}
        lines = [json.dumps(_line(row, name, record), ensure_ascii=False) for name, record in predicted.items()]
        yield "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _line(row: ExportRow, name: str, record: Record) -> dict[str, Any]:
    line = {
        "ID": row.image.sha256,
        **_outcome(record.outcome),
        "name": row.image.name,
        "version": name,
        "model_name": record.version.model_name,
        "must_not_regress": row.must_not_regress,
    }
    return line if row.true_label is None else {**line, "true_labels": list(row.true_label.labels)}


def _outcome(outcome: Prediction | Failure) -> dict[str, Any]:
    if isinstance(outcome, Failure):
        return {"status": {"code": _UNKNOWN, "message": outcome.message}}
    best = outcome.best(len(outcome.labels))
    return {"annotations": [{"display_name": score.label, "classification": {"score": score.value}} for score in best]}
