"""Comparisons in sentences, the same on the page, in the report and in the gate's output."""

from collections.abc import Callable

from lib.stats.comparison import Comparison, Verdict
from lib.stats.intervals import wilson_interval
from lib.stats.thresholds import ThresholdPoint


def describe_verdict(comparison: Comparison, baseline: str, candidate: str) -> str:
    """Describe the verdict with the numbers that it rests on."""
    if comparison.verdict is Verdict.NO_GROUND_TRUTH:
        return "No ground truth yet. Review a few images to see which version is more accurate."
    conclusion = _CONCLUSIONS[comparison.verdict](comparison, baseline, candidate)
    return f"{_describe_flips(comparison, candidate)}: {_describe_difference(comparison)}. {conclusion}"


def _describe_flips(comparison: Comparison, candidate: str) -> str:
    outcomes = comparison.outcomes
    return (
        f"{candidate} fixes {_format_count(outcomes.fixes, 'image')} and breaks {outcomes.regressions:,}"
        f" of {outcomes.images:,} with ground truth"
    )


def _describe_difference(comparison: Comparison) -> str:
    low, high = comparison.interval.low * 100, comparison.interval.high * 100
    test = "exact McNemar" if comparison.p == comparison.adjusted_p else "exact McNemar, corrected by Holm,"
    return (
        f"accuracy {_format_points(comparison.outcomes.difference * 100)} points"
        f" (95% confidence interval {_format_points(low)} to {_format_points(high)}), {test}"
        f" {format_p_value(comparison.adjusted_p)}"
    )


def _describe_better(_: Comparison, baseline: str, candidate: str) -> str:
    return f"{candidate} is better than {baseline}."


def _describe_worse(_: Comparison, baseline: str, candidate: str) -> str:
    return f"{candidate} is worse than {baseline}."


def _describe_no_worse(comparison: Comparison, baseline: str, candidate: str) -> str:
    return f"{candidate} is no worse than {baseline} by more than {_describe_margin(comparison)}."


def _describe_not_enough(comparison: Comparison, baseline: str, _: str) -> str:
    text = "Not enough evidence yet"
    if comparison.margin > 0:
        text += f", not even that it is no worse than {baseline} by more than {_describe_margin(comparison)}"
    if comparison.needed is None:
        return f"{text}."
    more = _format_count(_round_to_leading_digit(comparison.needed), "more labeled image")
    return f"{text}: about {more} would settle a difference of this size."


def _describe_no_difference(comparison: Comparison, *_: str) -> str:
    return (
        "No difference found: both are right on the same images. This does not prove that there is none;"
        f" the interval shows how large it may be with {_format_count(comparison.labeled, 'image')}."
    )


_CONCLUSIONS: dict[Verdict, Callable[[Comparison, str, str], str]] = {
    Verdict.BETTER: _describe_better,
    Verdict.WORSE: _describe_worse,
    Verdict.NO_WORSE: _describe_no_worse,
    Verdict.NOT_ENOUGH_EVIDENCE: _describe_not_enough,
    Verdict.NO_DIFFERENCE: _describe_no_difference,
}


def describe_near_duplicates(comparison: Comparison) -> str | None:
    """Describe how many groups the near-duplicates form; None if there are no near-duplicates."""
    if comparison.independent == comparison.images:
        return None
    images = _format_count(comparison.images, "image")
    return f"{images}. Near-duplicates are grouped: {_format_count(comparison.independent, 'group')}."


def describe_unlabeled(comparison: Comparison, baseline: str, candidate: str) -> str | None:
    """Describe on how many images no label reaches the threshold; None if one always does."""
    first, second = comparison.without_label
    if not first and not second:
        return None
    return (
        f"No label scores {comparison.threshold:.2f} or more for {_format_count(first, 'image')} with {baseline} and"
        f" {second:,} with {candidate}. These count as wrong."
    )


def format_accuracy(right: int, images: int) -> str:
    """Return the accuracy with its basis: "104 of 120 (86.7%, 95% CI 79 to 92)"."""
    interval = wilson_interval(right, images)
    share = 100 * right / images if images else 0.0
    return f"{right:,} of {images:,} ({share:.1f}%, 95% CI {interval.low * 100:.0f} to {interval.high * 100:.0f})"


def format_share(share: float) -> str:
    """Return a share of 0 to 1 as a percentage: "83%". Only 1 is "100%", and only 0 is "0%"."""
    percent = min(99, max(1, round(share * 100))) if 0 < share < 1 else round(share * 100)
    return f"{percent}%"


def describe_recommended_threshold(point: ThresholdPoint) -> str:
    """Describe what to expect: "accept labels from 0.87: 71% of images, precision 98.9% (97.1 to 99.6)"."""
    interval = point.precision_interval
    return (
        f"accept labels from {point.threshold:.2f}: {point.coverage * 100:.0f}% of images, precision"
        f" {(point.precision or 0) * 100:.1f}% ({interval.low * 100:.1f} to {interval.high * 100:.1f})"
    )


def format_p_value(p: float) -> str:
    """Return a p-value: "p = 0.15", "p = 0.001", "p < 0.001"."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.1g}" if p < 0.01 else f"p = {p:.2f}"


def _describe_margin(comparison: Comparison) -> str:
    return _format_count(comparison.margin * 100, "point")


def _format_points(value: float) -> str:
    rounded = round(value, 1) + 0.0  # avoids "-0.0"
    return f"{rounded:+.1f}" if rounded else "0.0"


def _round_to_leading_digit(count: int) -> int:
    """Round to one significant digit from 20 on: more would promise too much."""
    step = 10 ** max(0, len(str(count)) - 1)
    return max(1, round(count / step) * step if count >= 20 else count)


def _format_count(number: float, noun: str) -> str:
    return f"{number:,g} {noun}" if number == 1 else f"{number:,g} {noun}s"
