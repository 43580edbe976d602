"""A baseline and its candidates on the same images: found, compared, and said in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from lib.domain.pairs import InterimAnalysis, Pair, PredictionSummary, VersionPair
from lib.domain.predictions import ModelVersion
from lib.images.image_workers import ImageWorkers
from lib.stats.agreement import Agreement
from lib.stats.comparison import Comparison, Verdict, compare_many
from lib.stats.descriptions import (
    describe_near_duplicates,
    describe_unlabeled,
    describe_verdict,
    format_accuracy,
    format_share,
)
from lib.stats.paired_tests import false_alarm_rate
from lib.store import Store
from lib.workflows.audit import format_count
from lib.workflows.stored_images import ensure_perceptual_hashes


@dataclass(frozen=True, slots=True)
class ComparisonSettings:
    """How versions are compared: where (None: over all sessions), from which score on a top label counts, and how much
    worse in accuracy is still good, 0 to 1.
    """

    session_id: str | None
    threshold: float = 0.0
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """A baseline and one candidate, by the names they go by, with the images that both answered.

    `unanswered` counts the images of the session that one of them did not answer; None over all sessions. `cut` names
    those of the two whose service left lower scores out of answers.
    """

    baseline: str
    candidate: str
    version_pair: VersionPair
    pairs: list[Pair]
    result: Comparison
    missing_images: int | None
    truncated: tuple[str, ...] = ()

    @property
    def threshold(self) -> float:
        """The score from which a top label counts."""
        return self.result.threshold

    @property
    def true_labels(self) -> list[str]:
        """The known truths."""
        return [pair.true_label for pair in self.pairs if pair.true_label is not None]

    @property
    def labeled_predictions(self) -> dict[str, list[PredictionSummary]]:
        """Both versions' answers by name, in the order of `truths`."""
        known = [pair for pair in self.pairs if pair.true_label is not None]
        return {self.baseline: [pair.baseline for pair in known], self.candidate: [pair.candidate for pair in known]}


def find_comparisons(
    store: Store,
    versions: Mapping[str, ModelVersion],
    terms: ComparisonSettings,
    *,
    images: ImageWorkers | None = None,
    advance: Callable[[int, int], None] | None = None,
) -> list[VersionComparison]:
    """A comparison of the first version with each of the others; none for a single version.

    Images that nobody has looked at yet are looked at now, by `images` or workers for just this: `advance` is told how
    many of how many are done.
    """
    (baseline, first), *others = versions.items()
    version_pairs = {name: VersionPair(terms.session_id, first, version) for name, version in others}
    look = partial(ensure_perceptual_hashes, store, images=images or ImageWorkers(1), advance=advance)
    pairs = {name: _find_pairs(store, version_pair, look) for name, version_pair in version_pairs.items()}
    results = compare_many(pairs, threshold=terms.threshold, margin=terms.margin)
    count = store.images.count(terms.session_id) if terms.session_id else None
    return [
        VersionComparison(
            baseline,
            name,
            version_pair,
            pairs[name],
            results[name],
            None if count is None else count - len(pairs[name]),
            tuple(each for each in (baseline, name) if store.predictions.has_truncated(versions[each])),
        )
        for name, version_pair in version_pairs.items()
    ]


def _find_pairs(store: Store, version_pair: VersionPair, look: Callable[[list[str]], None]) -> list[Pair]:
    pairs = store.pairs.find(version_pair)
    unseen = [pair.sha256 for pair in pairs if pair.perceptual_hash is None]
    if not unseen:
        return pairs
    look(unseen)
    return store.pairs.find(version_pair)


def describe_comparison(comparison: VersionComparison) -> str:
    """The verdict in a sentence or two."""
    return describe_verdict(comparison.result, comparison.baseline, comparison.candidate)


def describe_caveats(comparison: VersionComparison) -> Iterator[str]:
    """What one must know to believe the verdict, a sentence each."""
    result, outcomes = comparison.result, comparison.result.outcomes
    if result.labeled:
        right = {comparison.baseline: outcomes.baseline_right, comparison.candidate: outcomes.candidate_right}
        yield "; ".join(
            f"{name} is correct on {format_accuracy(count, outcomes.images)}" for name, count in right.items()
        )
    if result.agreement.images:
        yield _describe_agreement(result.agreement)
    without_label = describe_unlabeled(result, comparison.baseline, comparison.candidate)
    yield from (sentence for sentence in (describe_near_duplicates(result), without_label) if sentence)
    if comparison.missing_images:
        yield f"Left out: {format_count(comparison.missing_images, 'image')} without predictions of both versions."
    for name in comparison.truncated:
        yield f"Predictions of {name} are truncated: the provider left out the lowest scores, which count as 0 here."
    if not result.is_distribution:
        yield "This is a multi-label model: the comparison is about the top label."


def _describe_agreement(agreement: Agreement) -> str:
    kappa = "" if agreement.kappa is None else f", Cohen's kappa {agreement.kappa:.2f}"
    return f"The versions agree on {format_share(agreement.share)} of {agreement.images:,} images{kappa}."


_SETTLED = {Verdict.BETTER, Verdict.WORSE}


def record_interim_analysis(store: Store, comparison: VersionComparison, at: datetime) -> str | None:
    """Record that the verdict was read, and return a warning if it settled only after several interim analyses.

    An analysis counts if the number of true labels has grown since the one before.
    """
    result = comparison.result
    if not result.labeled:
        return None
    earlier = store.pairs.find_interim_analyses(comparison.version_pair)
    if result.labeled not in {reading.labeled for reading in earlier}:
        store.pairs.add_interim_analysis(comparison.version_pair, InterimAnalysis(result.labeled, result.p), at)
    analyses = 1 + sum(reading.labeled < result.labeled for reading in earlier)
    if analyses == 1 or result.verdict not in _SETTLED:
        return None
    return (
        f"This is interim analysis {analyses} of a growing number of true labels. With that many, a difference is found"
        f" in {format_share(false_alarm_rate(analyses))} of cases where there is none, not in 5%. Decide how many"
        " images to review before you compare again."
    )
