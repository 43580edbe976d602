"""Pairs for tests; each builder fills in all that a test is not about."""

import random
from collections.abc import Sequence

from lib.domain.annotations import TrueLabel
from lib.domain.images import Appearance
from lib.domain.pairs import Pair, PredictionSummary
from lib.domain.review_order import Place


def make_prediction_summary(
    label: str | None = "cat", score: float = 0.75, latency_s: float = 0.125, total: float = 1.0
) -> PredictionSummary:
    return PredictionSummary(label, score if label is not None else 0.0, latency_s, None, score * score, total)


def make_pair(  # noqa: PLR0913 - each is what some test is about
    baseline: str | PredictionSummary | None = "cat",
    candidate: str | PredictionSummary | None = "cat",
    true_label: str | Sequence[str] | TrueLabel | None = "cat",
    *,
    name: str = "1",
    place: int = 0,
    batch: int = 0,
    is_final: bool | None = None,
    perceptual_hash: int | None = None,
    must_not_regress: bool = False,
) -> Pair:
    """An image; it has a final word if it has a true label, unless `is_final` says otherwise."""
    first, second = (
        prediction if isinstance(prediction, PredictionSummary) else make_prediction_summary(prediction)
        for prediction in (baseline, candidate)
    )
    ends = true_label is not None if is_final is None else is_final
    return Pair(
        name,
        "session",
        f"{name}.jpg",
        make_true_label(true_label),
        first,
        second,
        Place(batch, f"{place:06}"),
        ends,
        batch if ends else None,
        None if perceptual_hash is None else make_appearance(perceptual_hash),
        must_not_regress,
    )


def make_appearance(perceptual_hash: int, picture: int = 0) -> Appearance:
    """A picture by its number: with the same one, the hashes decide."""
    return Appearance(perceptual_hash, random.Random(picture).randbytes(Appearance.SIDE**2))


def make_true_label(label: str | Sequence[str] | TrueLabel | None) -> TrueLabel | None:
    """One label, several acceptable ones, or none of the labels that versions know (an empty sequence)."""
    if label is None or isinstance(label, TrueLabel):
        return label
    return TrueLabel.one(label) if isinstance(label, str) else TrueLabel(tuple(label))


def make_pairs(*, both_right: int = 0, fixes: int = 0, regressions: int = 0, both_wrong: int = 0) -> list[Pair]:
    """That many labeled images of each kind, no two alike, fixes first. On those of `both_wrong` the versions agree."""
    kinds = [
        *[("dog", "cat")] * fixes,
        *[("cat", "dog")] * regressions,
        *[("cat", "cat")] * both_right,
        *[("dog", "dog")] * both_wrong,
    ]
    return [make_pair(*kind, name=str(place), place=place) for place, kind in enumerate(kinds)]
