"""Counts prediction calls, and writes a line of the log about each."""

import re
import time

from lib.domain.images import PreparedImage
from lib.domain.predictions import ModelVersion, Prediction
from lib.errors import ServiceError
from lib.providers.base import PredictionClient
from lib.telemetry.logs import get_logger
from lib.telemetry.metrics import count_prediction

_LOG = get_logger(__name__)
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


class ObservedClient:
    """Requests predictions from a provider's client, and reports each call."""

    def __init__(self, client: PredictionClient) -> None:
        self._client = client

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """Return all scores of `version` for the image. Raises ServiceError and its kinds."""
        start_s = time.perf_counter()
        outcome = "defect"
        try:
            prediction = self._client.predict(version, image)
            outcome = "ok"
        except ServiceError as error:
            outcome = _WORD.sub("_", type(error).__name__).lower()
            raise
        finally:
            _report(version, outcome, time.perf_counter() - start_s)
        return prediction


def _report(version: ModelVersion, outcome: str, duration_s: float) -> None:
    name = f"{version.family} {version.version}"
    count_prediction(version.provider, name, outcome, duration_s=duration_s)
    _LOG.info(
        "prediction", provider=version.provider, version=name[:100], outcome=outcome, latency_s=round(duration_s, 4)
    )
