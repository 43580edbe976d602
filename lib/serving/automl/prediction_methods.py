"""Image bytes as the picture that a network takes."""

import math
import struct
from typing import Any

import numpy as np
from google.cloud.automl_v1 import types

from lib.serving.api_errors import data_url, invalid_field, is_data_url, not_deployed
from lib.serving.automl.catalog import Catalog
from lib.serving.automl.deployments import DeploymentMethods
from lib.serving.models.served_models import ServedModel

# The plain messages behind the client's wrappers: wrapping a thousand entries takes longer than the network.
_PredictResponse = types.PredictResponse.pb()
_FLOAT = struct.Struct("<f")
_MARK = 0.71875
_DEFAULT_THRESHOLD = "0.5"


class PredictionMethods:
    """Predictions of the deployed models."""

    def __init__(self, models: tuple[ServedModel, ...], catalog: Catalog, deployments: DeploymentMethods) -> None:
        self._entries = {model.model_id: _entries(model) for model in models}
        self._catalog = catalog
        self._deployments = deployments

    def predict(self, request: Any) -> Any:
        """Answer PredictionService.Predict: the labels from `score_threshold` on, best first. Raises Refused."""
        model = self._catalog.find_served(request.name)
        threshold = _read_threshold(request.params)
        if not self._deployments.is_deployed(model.model_id):
            raise not_deployed(request.name)
        scores = model.scores(_image_bytes(request.payload))
        return _answer(self._entries[model.model_id], scores, threshold)


def _entries(model: ServedModel) -> list[tuple[bytes, bytes]]:
    """For each label, a response of that label alone as protobuf writes it: what comes before its score, and after."""
    return [_cut_at_score(number, label) for number, label in enumerate(model.labels)]


def _cut_at_score(number: int, label: str) -> tuple[bytes, bytes]:
    entry = {"annotation_spec_id": str(number), "display_name": label, "classification": {"score": _MARK}}
    # Fields are written in the order of their numbers, so that the label comes after the score.
    before, _, after = _PredictResponse(payload=[entry]).SerializeToString().partition(_FLOAT.pack(_MARK))
    return before, after


def _answer(entries: list[tuple[bytes, bytes]], scores: Any, threshold: float) -> Any:
    # A stable sort: labels of the same score keep the model's order.
    order = np.argsort(-scores, kind="stable")
    best_first = scores[order]
    # Scores are 32-bit floats: 0.7 asked for must not lose a score of 0.7 by rounding.
    count = int(np.count_nonzero(best_first >= np.float32(threshold)))
    pieces: list[bytes] = []
    for index, score in zip(order[:count].tolist(), best_first.tolist(), strict=False):
        before, after = entries[index]
        pieces += (before, _FLOAT.pack(score), after)
    # Messages written one after the other are read as one whose repeated fields are joined. Setting a thousand entries
    # one by one takes twice as long.
    return _PredictResponse.FromString(b"".join(pieces))


def _read_threshold(params: Any) -> float:
    # Where Google documents a name in snake_case, it takes kebab-case as well.
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
    if is_data_url(content):
        raise data_url("payload.image.image_bytes")
    return content
