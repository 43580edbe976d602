"""Scores as the database holds them: the labels once for a model, and a row of numbers for each answer."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from lib.domain.predictions import Prediction

_FLOATS = "<f4"


@dataclass(frozen=True, slots=True)
class PackedScores:
    """`labels` sorted, with the scores in the same order as little-endian 32-bit floats.

    Services give scores as 32-bit floats, so nothing is lost. A label that a model has twice is there twice.
    """

    labels: tuple[str, ...]
    scores: bytes

    @property
    def digest(self) -> str:
        """Names the labels: SHA-256 of them as JSON."""
        return hashlib.sha256(json.dumps(self.labels).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ScoresInShort:
    """What filters and statistics ask of an answer's scores: best label and score, how far it is above the second
    best, the sum of all scores and the sum of their squares. No label and zeros where there is no score.
    """

    label: str | None
    score: float
    margin: float
    total: float
    squares: float


def pack(prediction: Prediction) -> PackedScores:
    """The prediction's scores, by label."""
    order = sorted(range(len(prediction.labels)), key=prediction.labels.__getitem__)
    numbers = np.array(prediction.values, _FLOATS)[order]
    return PackedScores(tuple(prediction.labels[position] for position in order), numbers.tobytes())


def unpack(packed: PackedScores, *, truncated: bool = False) -> Prediction:
    """The prediction that was packed; its labels are in sorted order."""
    return Prediction(packed.labels, tuple(np.frombuffer(packed.scores, _FLOATS).tolist()), truncated)


def sum_up(packed: PackedScores) -> ScoresInShort:
    """The scores in short; of equal ones the first in the order of the labels is the best."""
    if not packed.labels:
        return ScoresInShort(None, 0.0, 0.0, 0.0, 0.0)
    scores = np.frombuffer(packed.scores, _FLOATS).astype(float)
    position = int(scores.argmax())
    best = float(scores[position])
    second = float(np.delete(scores, position).max(initial=0.0))
    return ScoresInShort(packed.labels[position], best, best - second, float(scores.sum()), float(scores @ scores))
