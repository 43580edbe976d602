"""Comparisons in sentences, with what their verdicts depend on: on the page, in the report and by the gate."""

from collections.abc import Iterator

from lib.domain.wording import format_count
from lib.stats.agreement import Agreement
from lib.stats.descriptions import (
    describe_accuracy,
    describe_labels,
    describe_near_duplicates,
    describe_tests,
    describe_unlabeled,
    describe_verdict,
    describe_waiting,
    format_share,
)
from lib.stats.near_duplicates import Grouping
from lib.workflows.compare import VersionComparison

_MAX_NAMES = 5


def describe_blocking_regressions(comparison: VersionComparison) -> str | None:
    """Name the images that must not regress but do, to be shown before the verdict; None for no such image."""
    names = [_make_printable(pair.name) for pair in comparison.blocking_regressions]
    if not names:
        return None
    more = f" and {len(names) - _MAX_NAMES:,} more" if len(names) > _MAX_NAMES else ""
    images = format_count(len(names), "must-not-regress image")
    listed = f"{', '.join(names[:_MAX_NAMES])}{more}"
    return f"{comparison.candidate} gets {images} wrong that {comparison.baseline} gets right: {listed}."


def describe_open_must_not_regress(comparison: VersionComparison) -> str | None:
    """Describe how many images that must not regress still may; None if all are checked."""
    count = comparison.open_must_not_regress
    images = format_count(count, "must-not-regress image")
    return f"Not checked yet: {images} without a label or without predictions of both versions." if count else None


def _make_printable(name: str) -> str:
    # Names of files may have line ends, and characters that a terminal takes for commands.
    return "".join(character if character.isprintable() else " " for character in name)


def describe_comparison(comparison: VersionComparison) -> str:
    """Describe the verdict in one or two sentences."""
    return describe_verdict(comparison.result, comparison.baseline, comparison.candidate)


def describe_caveats(comparison: VersionComparison) -> Iterator[str]:
    """Describe what the verdict depends on, one sentence each: labels, accuracy, near-duplicates, missing images."""
    result = comparison.result
    yield describe_labels(result)
    if result.labeled:
        yield describe_tests(result)
        for name, accuracy in zip((comparison.baseline, comparison.candidate), result.accuracies, strict=True):
            yield describe_accuracy(accuracy, name)
    if result.agreement.images:
        yield _describe_agreement(result.agreement)
    without_label = describe_unlabeled(result, comparison.baseline, comparison.candidate)
    optional = (describe_waiting(result), describe_near_duplicates(result, comparison.grouping), without_label)
    yield from (sentence for sentence in optional if sentence)
    if comparison.distinct:
        yield f"Groups of near-duplicates were split: {format_count(comparison.distinct, 'image')} count alone."
    if comparison.grouping is Grouping.TIME and comparison.without_time:
        alone = format_count(comparison.without_time, "image")
        yield f"The capture time of {alone} is not known. Each of these is a group of its own."
    unchecked = describe_open_must_not_regress(comparison)
    if unchecked:
        yield unchecked
    if comparison.from_elsewhere:
        yield f"True labels of other sessions count for {format_count(comparison.from_elsewhere, 'image')}."
    if comparison.seen_images:
        yield f"Reviewers saw predictions on {format_count(comparison.seen_images, 'image')} that they labeled."
    yield from comparison.choices
    yield from _describe_label_texts(comparison)
    if comparison.is_exploratory:
        yield f"{comparison.candidate} was added after labeling began: its verdict is exploratory."
    if comparison.missing_images:
        yield f"Left out: {format_count(comparison.missing_images, 'image')} without predictions of both versions."
    for name in comparison.truncated:
        yield f"Predictions of {name} are truncated: the provider left out the lowest scores, which count as 0 here."
    if not result.is_distribution:
        yield "This is a multi-label model: the comparison covers only the top label."


def _describe_label_texts(comparison: VersionComparison) -> Iterator[str]:
    for group in comparison.same_labels:
        yield f"Treated as the same label: {', '.join(group)}."
    for group in comparison.similar_labels:
        yield f"These labels are written almost alike, and count as different: {', '.join(group)}."
    for name in comparison.names:
        labels = [label for version, label in comparison.unknown_labels if version == name]
        if labels:
            more = f" and {len(labels) - _MAX_NAMES:,} more" if len(labels) > _MAX_NAMES else ""
            listed = f"{', '.join(labels[:_MAX_NAMES])}{more}"
            yield f"{name} does not know these true labels, and is never right there: {listed}."


def _describe_agreement(agreement: Agreement) -> str:
    kappa = "" if agreement.kappa is None else f", Cohen's kappa {agreement.kappa:.2f}"
    return f"The versions agree on {format_share(agreement.share)} of {format_count(agreement.images, 'image')}{kappa}."
