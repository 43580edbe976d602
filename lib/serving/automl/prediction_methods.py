"""The AutoML method PredictionService.Predict."""

import math
import struct
from typing import Any

import numpy as np
from google.cloud.automl_v1 import types

from lib.serving.api_errors import check_is_no_data_url, invalid_field, not_deployed
from lib.serving.automl.catalog import Catalog
from lib.serving.automl.deployment_states import DeploymentStates
from lib.serving.models.served_models import ServedModel

# The protobuf message behind the client's wrapper: wrapping a thousand entries takes longer than the network.
_PredictResponse = types.PredictResponse.pb()
_FLOAT = struct.Struct("<f")
_PLACEHOLDER = 0.71875
_DEFAULT_THRESHOLD = "0.5"


class PredictionMethods:
    """Predictions from the deployed models."""

    def __init__(self, models: tuple[ServedModel, ...], catalog: Catalog, deployments: DeploymentStates) -> None:
        self._templates = {model.model_id: _entry_templates(model) for model in models}
        self._catalog = catalog
        self._deployments = deployments

    def predict(self, request: Any) -> Any:
        """Answer PredictionService.Predict: the labels with at least `score_threshold`, best first. Raises ApiError."""
        model = self._catalog.get_served(request.name)
        threshold = _read_threshold(request.params)
        if not self._deployments.is_deployed(model.model_id):
            raise not_deployed(request.name)
        scores = model.scores(_image_bytes(request.payload))
        return _build_response(self._templates[model.model_id], scores, threshold)


def _entry_templates(model: ServedModel) -> list[tuple[bytes, bytes]]:
    """Return, for each label, a serialized response with this label alone: the bytes before its score and after."""
    return [_entry_template(index, label) for index, label in enumerate(model.labels)]


def _entry_template(index: int, label: str) -> tuple[bytes, bytes]:
    entry = {"annotation_spec_id": str(index), "display_name": label, "classification": {"score": _PLACEHOLDER}}
    # Protobuf writes fields in the order of their numbers, so the score comes before the label.
    before, _, after = _PredictResponse(payload=[entry]).SerializeToString().partition(_FLOAT.pack(_PLACEHOLDER))
    return before, after


def _build_response(templates: list[tuple[bytes, bytes]], scores: Any, threshold: float) -> Any:
    # A stable sort: labels with equal scores keep the model's order.
    order = np.argsort(-scores, kind="stable")
    best_first = scores[order]
    # Scores are 32-bit floats: compared as such, a threshold of 0.7 keeps a score of 0.7.
    count = int(np.count_nonzero(best_first >= np.float32(threshold)))
    pieces: list[bytes] = []
    for index, score in zip(order[:count].tolist(), best_first.tolist(), strict=False):
        before, after = templates[index]
        pieces += (before, _FLOAT.pack(score), after)
    # Concatenated messages parse as one message with the repeated fields joined. Setting a thousand entries one by one
    # takes twice as long.
    return _PredictResponse.FromString(b"".join(pieces))


def _read_threshold(params: Any) -> float:
    # Google accepts kebab-case wherever it documents snake_case.
    text = params.get("score_threshold", params.get("score-threshold", _DEFAULT_THRESHOLD))
    try:
        threshold = float(text)
    except ValueError:
        threshold = math.nan
    if not 0 <= threshold <= 1:
        raise invalid_field(
            "params.score_threshold", f"score_threshold must be a number from 0 to 1, got {text!r:.40}."
        )
    return threshold


def _image_bytes(payload: Any) -> bytes:
    kind = payload.WhichOneof("payload")
    if kind != "image":
        raise invalid_field("payload.image", f"Expected an image, got {kind or 'nothing'}.")
    content: bytes = payload.image.image_bytes
    check_is_no_data_url("payload.image.image_bytes", content)
    return content
