"""An image that two versions predicted: the unit of comparison."""

from dataclasses import dataclass

from lib.domain.predictions import ModelVersion


@dataclass(frozen=True, slots=True)
class PredictionSummary:
    """A prediction in short: its top label with its score, and the latency of the call.

    `label` is None, with a score of 0, if the version predicted no label. `true_label_score` is the score of the true
    label: None without ground truth, 0 if the version did not predict that label.
    `squares` is the sum of the squares of all scores and `total` their sum, which is 1 for a distribution.
    """

    label: str | None
    score: float
    latency_s: float
    true_label_score: float | None = None
    squares: float = 0.0
    total: float = 1.0

    def label_at(self, threshold: float) -> str | None:
        """Return the top label if its score is at least `threshold`, otherwise None, for the outcome *no label*."""
        return self.label if self.score >= threshold else None


@dataclass(frozen=True, slots=True)
class Pair:
    """An image, its true label (None without ground truth), and the predictions of both versions.

    `session_id` and `name` tell where it is stored. `perceptual_hash` has 64 bits (None: not computed yet).
    """

    sha256: str
    session_id: str
    name: str
    true_label: str | None
    baseline: PredictionSummary
    candidate: PredictionSummary
    perceptual_hash: int | None = None


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Two versions that are compared in one session or (None) over all sessions."""

    session_id: str | None
    baseline: ModelVersion
    candidate: ModelVersion


@dataclass(frozen=True, slots=True)
class InterimAnalysis:
    """A reading of a verdict: the number of labeled images at that time, and the p-value."""

    labeled: int
    p: float
