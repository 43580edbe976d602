"""An image that two versions predicted: the unit of comparison."""

from dataclasses import dataclass
from datetime import datetime

from lib.domain.annotations import TrueLabel
from lib.domain.images import Appearance
from lib.domain.predictions import ModelVersion
from lib.domain.review_order import Place


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

    `session_id` and `name` tell where it is stored, `place` where it stands in the review order. `is_final` tells that
    its review has ended, with a true label or unsure; `final_in_batch` is the latest batch of images at the time when
    it first did, None if it never has. `appearance` is None until it is computed; an image that `is_distinct` is no
    near-duplicate of any other, whatever it looks like. An image that `must_not_regress` stops a release whose
    candidate gets it wrong while the baseline gets it right. A true label `is_from_elsewhere` if it is that of another
    session, because nobody annotated the image in this one. `captured_at` is the time by its camera's clock, None if
    it is not known.
    """

    sha256: str
    session_id: str
    name: str
    true_label: TrueLabel | None
    baseline: PredictionSummary
    candidate: PredictionSummary
    place: Place
    is_final: bool
    final_in_batch: int | None = None
    appearance: Appearance | None = None
    must_not_regress: bool = False
    is_distinct: bool = False
    captured_at: datetime | None = None
    is_from_elsewhere: bool = False

    def differs_at(self, threshold: float) -> bool:
        """Report whether the versions predict different labels; no label counts as a label."""
        return self.baseline.label_at(threshold) != self.candidate.label_at(threshold)

    def flip_at(self, threshold: float) -> int:
        """Return 1 for a fix, -1 for a regression, and 0 if both versions are right, none is, or it is not known."""
        if self.true_label is None:
            return 0
        baseline, candidate = (prediction.label_at(threshold) for prediction in (self.baseline, self.candidate))
        return self.true_label.accepts(candidate) - self.true_label.accepts(baseline)


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Two versions that are compared in one session or (None) over all sessions."""

    session_id: str | None
    baseline: ModelVersion
    candidate: ModelVersion
