"""Scores as the database stores them: labels once per model, and a row of numbers per prediction."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from lib.domain.predictions import Prediction

_FLOATS = "<f4"


@dataclass(frozen=True, slots=True)
class PackedScores:
    """Sorted labels, with the scores in the same order as little-endian 32-bit floats.

    Providers return 32-bit floats, so nothing is lost. A label that a model has twice appears twice.
    """

    labels: tuple[str, ...]
    scores: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the labels as JSON, which identifies them."""
        return hashlib.sha256(json.dumps(self.labels).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ScoresInShort:
    """Values that filters and statistics need of a prediction: the top label and score, the margin to the second best
    score, and the sums of all scores and of their squares. Without scores: no label and zeros.
    """

    label: str | None
    score: float
    margin: float
    total: float
    squares: float


def pack(prediction: Prediction) -> PackedScores:
    """Pack the scores of a prediction, sorted by label."""
    order = sorted(range(len(prediction.labels)), key=prediction.labels.__getitem__)
    numbers = np.array(prediction.values, _FLOATS)[order]
    return PackedScores(tuple(prediction.labels[index] for index in order), numbers.tobytes())


def unpack(packed: PackedScores, *, truncated: bool = False) -> Prediction:
    """Return the prediction that was packed, with its labels sorted."""
    return Prediction(packed.labels, tuple(np.frombuffer(packed.scores, _FLOATS).tolist()), truncated)


def sum_up(packed: PackedScores) -> ScoresInShort:
    """Summarize the scores. Among equal top scores, the first label in order wins."""
    if not packed.labels:
        return ScoresInShort(None, 0.0, 0.0, 0.0, 0.0)
    scores = np.frombuffer(packed.scores, _FLOATS).astype(float)
    index = int(scores.argmax())
    best = float(scores[index])
    second = float(np.delete(scores, index).max(initial=0.0))
    return ScoresInShort(packed.labels[index], best, best - second, float(scores.sum()), float(scores @ scores))
