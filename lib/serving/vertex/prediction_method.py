"""ImageClassification predictions: one image a call, the best labels first."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.rpc import code_pb2
from numpy.typing import NDArray

from lib.serving.api_errors import ApiError, data_url, invalid_field, is_data_url
from lib.serving.vertex.endpoints import DeployedModel, Endpoints
from lib.serving.vertex.fields import Call, Fields, Json
from lib.serving.vertex.vertex_operations import VertexOperations

_DEFAULT_LABELS = 10
_CONTENT = "instances[0].content"
_MIME_TYPES = {f"image/{kind}" for kind in ("jpeg", "gif", "png", "webp", "bmp", "tiff", "vnd.microsoft.icon")}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which labels a caller wants: at most so many, none with a score below `threshold`."""

    threshold: float
    most: int


class VertexPredictions:
    """Answers of the versions that are deployed."""

    def __init__(self, endpoints: Endpoints, operations: VertexOperations) -> None:
        self._endpoints = endpoints
        self._operations = operations

    def predict(self, call: Call) -> Json:
        """Answer PredictionService.Predict."""
        call.body.only("instances", "parameters")
        with self._operations.up_to_date():
            deployed = self._endpoints.choose(call.variables["endpoints"])
        wanted = _read_parameters(call.body.inner("parameters"))
        scores = _scores(deployed, _read_image(call.body))
        return {
            "predictions": [_describe(deployed.version.served.labels, scores, wanted)],
            "deployedModelId": deployed.id,
            "model": f"{call.location}/models/{deployed.version.model_id}",
            "modelDisplayName": deployed.version.served.family,
            "modelVersionId": deployed.version.id,
        }


def _read_parameters(parameters: Fields) -> _Wanted:
    threshold = parameters.number("confidenceThreshold", 0.0)
    most = parameters.whole("maxPredictions", _DEFAULT_LABELS)
    if not 0 <= threshold <= 1:
        raise invalid_field("parameters.confidenceThreshold", "confidenceThreshold must be from 0 to 1.")
    if most < 1:
        raise invalid_field("parameters.maxPredictions", f"maxPredictions must be at least 1, and is {most}.")
    return _Wanted(threshold, most)


def _read_image(body: Fields) -> bytes:
    instances = body.items("instances")
    if len(instances) != 1:
        raise invalid_field(
            "instances", f"Invalid instances: an image model takes one a request, got {len(instances)}."
        )
    instance = Fields(instances[0], "instances[0]")
    mime_type = instance.text("mimeType")
    if mime_type and mime_type not in _MIME_TYPES:
        raise invalid_field("instances[0].mimeType", f"Invalid instances: {mime_type!r:.40} is no type of image here.")
    return _decoded(instance.needed_text("content"))


def _decoded(content: str) -> bytes:
    if content.startswith("gs://"):
        raise invalid_field(_CONTENT, "The built-in service reads nothing from Cloud Storage: send the image itself.")
    if is_data_url(content):
        raise data_url(_CONTENT)
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_field(_CONTENT, f"Invalid instances: {_CONTENT} is not base64. {error}") from error


def _scores(deployed: DeployedModel, image: bytes) -> NDArray[np.float32]:
    try:
        return deployed.version.served.scores(image)
    except ApiError as refused:
        if refused.code != code_pb2.INVALID_ARGUMENT:
            raise
        # The field that it names is one of AutoML's.
        raise invalid_field(_CONTENT, str(refused)) from refused


def _describe(labels: tuple[str, ...], scores: NDArray[np.float32], wanted: _Wanted) -> Json:
    """The labels that are wanted; those with the same score keep the model's order."""
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    # Scores are 32-bit floats: 0.7 asked for must not lose a score of 0.7 by rounding.
    threshold: Any = np.float32(wanted.threshold)
    chosen = [index for index in order[: wanted.most] if scores[index] >= threshold]
    return {
        "ids": [str(index) for index in chosen],
        "displayNames": [labels[index] for index in chosen],
        "confidences": [float(scores[index]) for index in chosen],
    }
