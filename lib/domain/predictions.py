"""Model versions, predictions, and records of predictions."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One model resource of a family at a provider.

    `model_name` is the full resource name (`projects/…/models/…`). `etag` changes when the model behind that name
    changes, so that predictions of the previous model are not reused. `deployed` is not part of the identity.
    """

    provider: str
    model_name: str
    family: str
    version: str
    etag: str
    deployed: bool = field(default=True, compare=False)

    @property
    def model_id(self) -> str:
        """Last part of the model name, as in links."""
        return self.model_name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Score:
    """How strongly a version predicts that an image shows `label`: 0 (not at all) to 1."""

    label: str
    value: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.value <= 1.0:
            raise ValueError(f"score of {self.label!r} must be in [0, 1], got {self.value}")


@dataclass(frozen=True, slots=True)
class Prediction:
    """All scores of one version for one image. `values[i]` is the score of `labels[i]`, in any order.

    `truncated` is true if the provider left out lower scores. Two rows instead of a tuple of `Score`, because a model
    may have a thousand labels, most of which are never shown. Raises ValueError if the rows differ in length or a value
    is outside [0, 1].
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    truncated: bool = False

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.values):
            raise ValueError(f"{len(self.labels)} labels cannot have {len(self.values)} scores")
        # Fast for a thousand values. Only the sum reliably detects NaN.
        if self.values and (isnan(sum(self.values)) or min(self.values) < 0.0 or max(self.values) > 1.0):
            raise ValueError("scores must be in [0, 1]")

    def best(self, count: int) -> tuple[Score, ...]:
        """Return the `count` highest scores, best first; equal scores stay in the order of `labels`."""
        rows = heapq.nlargest(count, range(len(self.values)), key=self.values.__getitem__)
        return tuple(Score(self.labels[row], self.values[row]) for row in rows)

    @property
    def top(self) -> Score | None:
        """The best score; None without labels."""
        return next(iter(self.best(1)), None)

    def score_of(self, label: str) -> float | None:
        """Return the score of a label, the highest if the model has the label twice; None if it is not predicted."""
        named = (value for known, value in zip(self.labels, self.values, strict=True) if known == label)
        return max(named, default=None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no prediction: a message that says what happened and what to do next."""

    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """A stored prediction of one version for one image, or the failure.

    `sha256` identifies the image, `session_id` the session that requested it. `requested_at` is in UTC, `latency_s` is
    the time from the request to the outcome in seconds, including retries.
    """

    sha256: str
    version: ModelVersion
    session_id: str
    requested_at: datetime
    latency_s: float
    outcome: Prediction | Failure

    @property
    def failed(self) -> bool:
        """Whether there is no prediction."""
        return isinstance(self.outcome, Failure)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Numbers of images of a session that a version predicted, and for which its last call failed."""

    predictions: int
    failures: int


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """A prediction of a version for a perturbed image, or the failure.

    `sha256` identifies the original image, `perturbation` is the key of the perturbation. `requested_at` is in UTC,
    `latency_s` is the time from the request to the outcome in seconds, including retries.
    """

    session_id: str
    sha256: str
    version: ModelVersion
    perturbation: str
    requested_at: datetime
    latency_s: float
    outcome: Prediction | Failure
