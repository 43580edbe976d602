"""The Vertex AI method PredictionService.Predict: one image per call, best labels first."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.rpc import code_pb2
from numpy.typing import NDArray

from lib.serving.api_errors import ApiError, check_is_no_data_url, invalid_field
from lib.serving.vertex.calls import VertexCall
from lib.serving.vertex.endpoints import DeployedModel, Endpoints
from lib.serving.vertex.fields import Fields, Json
from lib.serving.vertex.vertex_operations import VertexOperations

_DEFAULT_MAX_PREDICTIONS = 10
_CONTENT = "instances[0].content"
_MIME_TYPES = {f"image/{kind}" for kind in ("jpeg", "gif", "png", "webp", "bmp", "tiff", "vnd.microsoft.icon")}


@dataclass(frozen=True, slots=True)
class _Parameters:
    """Which labels to return: at most `max_predictions`, with a score of at least `threshold`."""

    threshold: float
    max_predictions: int


class VertexPredictions:
    """Predictions from the deployed models."""

    def __init__(self, endpoints: Endpoints, operations: VertexOperations) -> None:
        self._endpoints = endpoints
        self._operations = operations

    def predict(self, call: VertexCall) -> Json:
        """Answer PredictionService.Predict."""
        call.body.allow_only("instances", "parameters")
        with self._operations.current_state():
            deployed = self._endpoints.route_call(call.variables["endpoints"])
        parameters = _read_parameters(call.body.inner("parameters"))
        scores = _scores(deployed, _read_image(call.body))
        return {
            "predictions": [_describe(deployed.version.served.labels, scores, parameters)],
            "deployedModelId": deployed.id,
            "model": f"{call.location}/models/{deployed.version.model_id}",
            "modelDisplayName": deployed.version.served.family,
            "modelVersionId": deployed.version.id,
        }


def _read_parameters(parameters: Fields) -> _Parameters:
    threshold = parameters.number("confidenceThreshold", 0.0)
    max_predictions = parameters.integer("maxPredictions", _DEFAULT_MAX_PREDICTIONS)
    if not 0 <= threshold <= 1:
        raise invalid_field("parameters.confidenceThreshold", "confidenceThreshold must be from 0 to 1.")
    if max_predictions < 1:
        raise invalid_field("parameters.maxPredictions", f"maxPredictions must be at least 1, got {max_predictions}.")
    return _Parameters(threshold, max_predictions)


def _read_image(body: Fields) -> bytes:
    instances = body.items("instances")
    if len(instances) != 1:
        raise invalid_field(
            "instances", f"Invalid instances: an image model takes one per request, got {len(instances)}."
        )
    instance = Fields(instances[0], "instances[0]")
    mime_type = instance.text("mimeType")
    if mime_type and mime_type not in _MIME_TYPES:
        raise invalid_field(
            "instances[0].mimeType", f"Invalid instances: {mime_type!r:.40} is not a supported image type."
        )
    return _decode(instance.required_text("content"))


def _decode(content: str) -> bytes:
    if content.startswith("gs://"):
        raise invalid_field(_CONTENT, "The built-in service does not read from Cloud Storage: send the image itself.")
    check_is_no_data_url(_CONTENT, content)
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_field(_CONTENT, f"Invalid instances: {_CONTENT} is not base64. {error}") from error


def _scores(deployed: DeployedModel, image: bytes) -> NDArray[np.float32]:
    try:
        return deployed.version.served.scores(image)
    except ApiError as error:
        if error.code != code_pb2.INVALID_ARGUMENT:
            raise
        # The error names the field of the AutoML API.
        raise invalid_field(_CONTENT, str(error)) from error


def _describe(labels: tuple[str, ...], scores: NDArray[np.float32], parameters: _Parameters) -> Json:
    """Return the requested labels, best first; labels with equal scores keep the model's order."""
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    # Scores are 32-bit floats: compared as such, a threshold of 0.7 keeps a score of 0.7.
    threshold: Any = np.float32(parameters.threshold)
    chosen = [index for index in order[: parameters.max_predictions] if scores[index] >= threshold]
    return {
        "ids": [str(index) for index in chosen],
        "displayNames": [labels[index] for index in chosen],
        "confidences": [float(scores[index]) for index in chosen],
    }
