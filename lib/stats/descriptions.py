"""Comparisons in sentences, the same on the page, in the report and in the gate's output."""

from lib.stats.comparison import Comparison, Verdict
from lib.stats.near_duplicates import Grouping
from lib.stats.planning import Plan
from lib.stats.strata import Proportion
from lib.stats.thresholds import ThresholdPoint


def headline(comparison: Comparison, baseline: str, candidate: str) -> str:
    """Return the verdict in a few words, without a full stop: "v2 is better: at least +0.4 points"."""
    return _HEADLINES[comparison.verdict].format(
        baseline=baseline,
        candidate=candidate,
        low=_format_points(comparison.interval.low),
        drop=_format_size(comparison.interval.high),
        margin=_format_count(comparison.margin * 100, "point"),
    )


_HEADLINES = {
    Verdict.BETTER: "{candidate} is better: at least {low} points",
    Verdict.WORSE: "{candidate} is worse: at least {drop} lower",
    Verdict.WORSE_WITHIN_MARGIN: "{candidate} is worse, but by less than {margin}",
    Verdict.NO_WORSE: "{candidate} is no worse than {baseline}, within a margin of {margin}",
    Verdict.CANNOT_BE_SETTLED: "More labels cannot decide this comparison",
    Verdict.NOT_ENOUGH_LABELS: "Not enough labels yet",
    Verdict.NO_DIFFERENCE: "No significant difference",
}


def describe_verdict(comparison: Comparison, baseline: str, candidate: str) -> str:
    """Describe the verdict with the numbers that it rests on."""
    return f"{headline(comparison, baseline, candidate)}. {describe_evidence(comparison, baseline, candidate)}"


def describe_evidence(comparison: Comparison, baseline: str, candidate: str) -> str:
    """Describe what is known of the difference, in two sentences: for images like these, and for these themselves.

    A third says why there is no significant difference where the interval alone would suggest one.
    """
    difference = _describe_difference(comparison, baseline, candidate)
    these = _describe_these_images(comparison, candidate)
    if comparison.verdict is not Verdict.NO_DIFFERENCE or comparison.interval.contains(0):
        return f"{difference} {these}"
    return f"{difference} {these} The test decides, at 0.04, and gives {format_p_value(comparison.census_p)}."


def _describe_difference(comparison: Comparison, baseline: str, candidate: str) -> str:
    low, high = (_format_points(bound) for bound in (comparison.interval.low, comparison.interval.high))
    estimate = comparison.estimate
    if not comparison.labeled and comparison.disagreements:
        return f"How often {candidate} is right on images like these, compared with {baseline}, is not known yet."
    # After an early end the estimate is too large on average. The interval is not.
    if estimate is None or not round(estimate * 100, 1):
        return (
            f"On images like these, the accuracy of {candidate} differs from that of {baseline} by {low} to {high}"
            " points (95% CI)."
        )
    more = "more" if estimate > 0 else "less"
    return (
        f"On images like these, {candidate} is right {_format_size(estimate)} {more} often than {baseline}"
        f" (95% CI {low} to {high})."
    )


def _describe_these_images(comparison: Comparison, candidate: str) -> str:
    counts = comparison.prefix.counts
    which = f"On {_format_these(comparison.images)}"
    bounds = comparison.sure_bounds
    least, most = (_format_more(round(bound * comparison.images)) for bound in (bounds.low, bounds.high))
    if comparison.prefix.left:
        return f"{which}, {candidate} gets between {least} and {most} right, whatever the missing labels are."
    flips = f"{_format_count(counts.fixes, 'fix', 'fixes')}, {_format_count(counts.regressions, 'regression')}"
    if counts.fixes == counts.regressions:
        return f"{which}, both get the same number right ({flips})."
    return f"{which}, {candidate} gets {least} right ({flips})."


def _format_these(images: int) -> str:
    return "this image itself" if images == 1 else f"these {images:,} images themselves"


def _format_more(count: int) -> str:
    return f"{abs(count):,} {'fewer' if count < 0 else 'more'}"


def describe_labels(comparison: Comparison) -> str:
    """Describe how many of the labels that count are there: "38 of 110 disagreements labeled"."""
    if not comparison.disagreements:
        which = "the only image" if comparison.images == 1 else f"all {comparison.images:,} images"
        return f"The versions agree on {which}: no label is needed."
    text = f"{comparison.labeled:,} of {_format_count(comparison.disagreements, 'disagreement')} labeled"
    return f"{text}, {comparison.prefix.unsure:,} of them unsure." if comparison.prefix.unsure else f"{text}."


def describe_waiting(comparison: Comparison) -> str | None:
    """Describe how many labels do not count yet, because images that come first have none; None for no such label."""
    waiting, gap = comparison.prefix.waiting, len(comparison.prefix.gap)
    if not waiting:
        return None
    verb, come = ("waits" if waiting == 1 else "wait"), ("comes" if gap == 1 else "come")
    images = _format_count(gap, "image")
    return f"{_format_count(waiting, 'label')} {verb} behind {images} that {come} first in the review order."


def describe_plan(comparison: Comparison, plan: Plan) -> str:
    """Describe how long labeling takes, and what it can find."""
    which = f"The versions disagree on {comparison.disagreements:,} of {_format_count(comparison.images, 'image')}."
    if comparison.verdict is Verdict.CANNOT_BE_SETTLED:
        return (
            f"{which} That is too few: even if all missing labels favored one version, it could be chance. Add images."
        )
    left = f"{_format_count(plan.left, 'disagreement')} left to label, about {_format_count(plan.minutes, 'minute')}."
    if plan.chance is not None:
        return f"{left} The chance that they settle this comparison is {format_share(plan.chance)}."
    if all(power < _HARDLY for difference, power in plan.power if difference in _SHOWN_DIFFERENCES):
        return f"{which} {left} That is too few to find a difference of 5 points or less. Add images."
    chances = [
        f"{_format_size(difference)} with a chance of {format_share(power)}"
        for difference, power in plan.power
        if difference in _SHOWN_DIFFERENCES
    ]
    return f"{which} {left} Labeling all of them finds a true difference of {', of '.join(chances)}."


_SMALLEST_POINTS = 0.001
_HARDLY = 0.01
_SHOWN_DIFFERENCES = {0.02, 0.03, 0.05}


def describe_accuracy(share: Proportion | None, name: str) -> str:
    """Describe the accuracy of a version with its interval, or which labels it needs."""
    if share is None:
        return (
            f"How often {name} is right is not known yet: this needs labels of images on which the versions agree, too."
        )
    low, high = share.interval.low * 100, share.interval.high * 100
    basis = f"95% CI {low:.1f} to {high:.1f}, from {_format_count(share.labeled, 'label')}"
    return f"{name} is right on {share.value * 100:.1f}% of images like these ({basis})."


def describe_near_duplicates(comparison: Comparison, grouping: Grouping) -> str | None:
    """Describe how many groups the near-duplicates form; None if there are no near-duplicates."""
    if not comparison.prefix.has_near_duplicates:
        return None
    images, groups = comparison.images, len(comparison.prefix.groups)
    how = grouping.value.lower()
    return f"{_format_count(images, 'image')}. Near-duplicates are grouped {how}: {_format_count(groups, 'group')}."


def describe_tests(comparison: Comparison) -> str:
    """Describe the p-values that the verdict rests on, corrected for the number of candidates."""
    early = f"while labels are missing: {format_p_value(comparison.early_p)} (decides at 0.01)"
    if comparison.prefix.census is None:
        return f"Sequential test, {early}."
    return f"Exact McNemar, once: {format_p_value(comparison.census_p)} (decides at 0.04); sequential test, {early}."


def describe_unlabeled(comparison: Comparison, baseline: str, candidate: str) -> str | None:
    """Describe on how many images no label reaches the threshold; None if one always does."""
    first, second = comparison.without_label
    if not first and not second:
        return None
    return (
        f"No label scores {comparison.threshold:.2f} or more for {_format_count(first, 'image')} with {baseline} and"
        f" {second:,} with {candidate}. These count as no label."
    )


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


def _format_points(share: float) -> str:
    """Return a difference of shares in points, with its sign: "+0.4"."""
    points = share * 100
    if round(points, 1):
        return f"{points:+.1f}"
    return f"{points:+.1g}" if abs(points) >= _SMALLEST_POINTS else "0.0"


def _format_size(share: float) -> str:
    points = round(abs(share) * 100, 1)
    return f"{points} {'point' if points == 1 else 'points'}"


def _format_count(number: float, noun: str, plural: str = "") -> str:
    return f"{number:,g} {noun}" if number == 1 else f"{number:,g} {plural or f'{noun}s'}"
