"""Predictions: a model version's scores for one image, and records of them."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One model resource of a family, as one service knows it.

    `model_name` is the full resource name (`projects/…/models/…`). `etag` changes when the model behind that name
    does, so that an answer of its predecessor is never taken for its own. `deployed` is a state, not an identity.
    """

    provider: str
    model_name: str
    family: str
    version: str
    etag: str
    deployed: bool = field(default=True, compare=False)

    @property
    def model_id(self) -> str:
        """Last part of the model name: what a link carries."""
        return self.model_name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Score:
    """How strongly a version holds that an image shows `label`: 0 (not at all) to 1."""

    label: str
    value: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.value <= 1.0:
            raise ValueError(f"score of {self.label!r} must be in [0, 1], got {self.value}")


@dataclass(frozen=True, slots=True)
class Prediction:
    """One version's answer for one image: all its scores. `values[i]` is the score of `labels[i]`, in any order.

    `cut` is true where the service left the lower scores out. Kept as two rows and not as a tuple of `Score`: a model
    may know a thousand labels, and most are never shown. Raises ValueError when the rows differ in length or a value is
    outside [0, 1].
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    truncated: bool = False

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.values):
            raise ValueError(f"{len(self.labels)} labels cannot have {len(self.values)} scores")
        # Three quick looks at a row of a thousand: only the sum surely notices a value that is not a number.
        if self.values and (isnan(sum(self.values)) or min(self.values) < 0.0 or max(self.values) > 1.0):
            raise ValueError("scores must be in [0, 1]")

    def best(self, count: int) -> tuple[Score, ...]:
        """The `count` highest scores, best first; equal ones in the order of their labels' rows."""
        rows = heapq.nlargest(count, range(len(self.values)), key=self.values.__getitem__)
        return tuple(Score(self.labels[row], self.values[row]) for row in rows)

    @property
    def top(self) -> Score | None:
        """The best score; None where the version named no label at all."""
        return next(iter(self.best(1)), None)

    def score_of(self, label: str) -> float | None:
        """Score of a label, its highest where the model knows it twice; None where the version did not name it."""
        named = (value for known, value in zip(self.labels, self.values, strict=True) if known == label)
        return max(named, default=None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no prediction: a sentence that says what happened and what to do next."""

    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """What one version said of one image, or why it said nothing.

    `sha256` names the image, `session_id` the session in which it was asked, `requested_at` is in UTC, and `latency_s`
    the seconds from asking to the outcome, retries included.
    """

    sha256: str
    version: ModelVersion
    session_id: str
    requested_at: datetime
    latency_s: float
    outcome: Prediction | Failure

    @property
    def failed(self) -> bool:
        """Whether the version gave no prediction."""
        return isinstance(self.outcome, Failure)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many images of a session a version answered, and for how many its last call failed."""

    predictions: int
    failures: int


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a version said of an altered image.

    `sha256` names the image as it was, `perturbation` is the key of what was done to it. `requested_at` is in UTC,
    `latency_s` the seconds from asking to the outcome, retries included.
    """

    session_id: str
    sha256: str
    version: ModelVersion
    perturbation: str
    requested_at: datetime
    latency_s: float
    outcome: Prediction | Failure
