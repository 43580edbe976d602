"""The border where a service's scores become ours: what is no score counts for nothing, and is told of."""

from collections.abc import Sequence
from math import isnan

from lib.domain.annotations import normalize_labels
from lib.domain.predictions import Prediction
from lib.errors import UnusableAnswer

# 32-bit floats, some of them written out: rounding may carry one a hair out of its range.
_HAIR = 1e-6


def read_prediction(
    service: str, version: str, labels: Sequence[str], values: Sequence[float], *, cut: bool = False
) -> Prediction:
    """The prediction of a version. Raises UnusableAnswer where there is not one number from 0 to 1 for each label."""
    if len(labels) != len(values):
        raise unusable(service, version, f"{len(values)} scores for {len(labels)} labels")
    # Three quick looks at a row of a thousand: only the sum surely notices a value that is not a number.
    if values and (isnan(sum(values)) or min(values) < 0.0 or max(values) > 1.0):
        values = [_read_score(service, version, value) for value in values]
    return Prediction(normalize_labels(labels), tuple(values), cut=cut)


def unusable(service: str, version: str, what: str) -> UnusableAnswer:
    """The error for an answer of `what`, such as `a score of nan`."""
    subject = service[:1].upper() + service[1:]
    return UnusableAnswer(
        f"{subject} answered for {version} with {what}. Scores must be numbers from 0 to 1, one for each label."
        " The fault is in the model. Export or train it again."
    )


def _read_score(service: str, version: str, value: float) -> float:
    if not -_HAIR <= value <= 1.0 + _HAIR:  # this way round, it also finds what is not a number
        raise unusable(service, version, f"a score of {value:g}")
    return min(1.0, max(0.0, value))
