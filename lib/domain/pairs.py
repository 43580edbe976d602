"""One image that two versions answered: the unit of comparison."""

from dataclasses import dataclass

from lib.domain.predictions import ModelVersion


@dataclass(frozen=True, slots=True)
class Answer:
    """The short form of a prediction: its top label with its score, and how long the call took.

    `label` is None, with a score of 0, if the version predicted no label. `true_label_score` is the score of the true
    label: None without ground truth, 0 if the version did not predict that label.
    `squares` is the sum of the squares of all its scores and `total` their sum, which is 1 for a distribution.
    """

    label: str | None
    score: float
    latency_s: float
    true_label_score: float | None = None
    squares: float = 0.0
    total: float = 1.0

    def label_from(self, threshold: float) -> str | None:
        """The top label if its score reaches `threshold`; None is an outcome of its own: no label."""
        return self.label if self.score >= threshold else None


@dataclass(frozen=True, slots=True)
class Pair:
    """An image, the label known to be right (None: not known yet), and what both versions said of it.

    `session_id` and `name` say where it is found. `look` is the perceptual hash of the picture (None: not known).
    """

    sha256: str
    session_id: str
    name: str
    true_label: str | None
    baseline: Answer
    candidate: Answer
    perceptual_hash: int | None = None


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Which versions are compared, and where: in one session, or (None) over all sessions."""

    session_id: str | None
    baseline: ModelVersion
    candidate: ModelVersion


@dataclass(frozen=True, slots=True)
class InterimAnalysis:
    """That somebody read a verdict: on how many labeled images it rested, and the p-value it gave."""

    labeled: int
    p: float
