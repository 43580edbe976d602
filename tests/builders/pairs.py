"""Pairs for tests; each builder fills in all that a test is not about."""

from lib.domain.pairs import Pair, PredictionSummary


def make_prediction_summary(
    label: str | None = "cat", score: float = 0.75, latency_s: float = 0.125, total: float = 1.0
) -> PredictionSummary:
    return PredictionSummary(label, score if label is not None else 0.0, latency_s, None, score * score, total)


def make_pair(
    baseline: str | PredictionSummary | None = "cat",
    candidate: str | PredictionSummary | None = "cat",
    true_label: str | None = "cat",
    *,
    name: str = "1",
    perceptual_hash: int | None = None,
) -> Pair:
    first, second = (
        prediction if isinstance(prediction, PredictionSummary) else make_prediction_summary(prediction)
        for prediction in (baseline, candidate)
    )
    return Pair(name, "session", f"{name}.jpg", true_label, first, second, perceptual_hash)


def make_pairs(*, both_right: int = 0, fixes: int = 0, regressions: int = 0, both_wrong: int = 0) -> list[Pair]:
    """That many labeled images of each kind, no two alike."""
    return (
        [make_pair() for _ in range(both_right)]
        + [make_pair(baseline="dog") for _ in range(fixes)]
        + [make_pair(candidate="dog") for _ in range(regressions)]
        + [make_pair("dog", "dog") for _ in range(both_wrong)]
    )
