"""Answers about images that were altered on purpose: never counted among a session's predictions."""

from dataclasses import dataclass
from datetime import datetime

from lib.domain.prediction import Failure, ModelVersion, Prediction


@dataclass(frozen=True, slots=True)
class Trial:
    """What a version said of an altered image.

    `sha256` names the image as it was, `alteration` is the key of what was done to it. `asked_at` is in UTC,
    `latency_s` the seconds from asking to the outcome, retries included.
    """

    session_id: str
    sha256: str
    version: ModelVersion
    alteration: str
    asked_at: datetime
    latency_s: float
    outcome: Prediction | Failure
