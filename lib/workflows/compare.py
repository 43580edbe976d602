"""Compare a baseline with its candidates on the same images, and describe the result."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isclose

from lib.domain.pairs import Pair, VersionPair
from lib.domain.predictions import ModelVersion
from lib.domain.reviews import Review
from lib.domain.wording import format_count
from lib.images.image_workers import ImageWorkers
from lib.stats.accuracy import GroupedPair
from lib.stats.agreement import Agreement
from lib.stats.comparison import Comparison, compare_many
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
from lib.stats.flips import find_blocking_regressions, find_open_must_not_regress
from lib.stats.near_duplicates import Grouping
from lib.store import Store
from lib.workflows.stored_images import ensure_appearances

_MAX_NAMES = 5


@dataclass(frozen=True, slots=True)
class ComparisonSettings:
    """Session to compare in (None: all sessions), score threshold, non-inferiority margin from 0 to 1, and how
    near-duplicates are found.
    """

    session_id: str | None
    threshold: float = 0.0
    margin: float = 0.0
    grouping: Grouping = Grouping.APPEARANCE


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """A baseline and one candidate, by the names shown on the page, with the images that both predicted.

    `missing_images` counts the images of the session without a prediction of one of them; None over all sessions.
    `truncated` names the versions whose provider left out lower scores. `unpredicted_must_not_regress` counts the
    missing images that must not regress. A candidate that `is_exploratory` was added after labeling began. `choices`
    says which settings differ from those of the review.
    """

    baseline: str
    candidate: str
    version_pair: VersionPair
    pairs: list[Pair]
    result: Comparison
    missing_images: int | None
    truncated: tuple[str, ...] = ()
    unpredicted_must_not_regress: int = 0
    is_exploratory: bool = False
    choices: tuple[str, ...] = ()

    @property
    def threshold(self) -> float:
        """The lowest score at which a top label counts."""
        return self.result.threshold

    @property
    def blocking_regressions(self) -> list[Pair]:
        """Regressions among the images that must not regress, wherever they stand in the review order."""
        return find_blocking_regressions(self.pairs, self.threshold)

    @property
    def open_must_not_regress(self) -> int:
        """Number of images that may still regress but must not: without both predictions, or without a label."""
        return self.unpredicted_must_not_regress + len(find_open_must_not_regress(self.pairs, self.threshold))

    @property
    def names(self) -> tuple[str, str]:
        """The names of baseline and candidate."""
        return self.baseline, self.candidate

    @property
    def grouped(self) -> list[GroupedPair]:
        """The images with their groups of near-duplicates."""
        return list(zip(self.pairs, self.result.groups, strict=True))


def find_comparisons(
    store: Store,
    versions: Mapping[str, ModelVersion],
    settings: ComparisonSettings,
    *,
    images: ImageWorkers | None = None,
    advance: Callable[[int, int], None] | None = None,
) -> list[VersionComparison]:
    """Compare the first version with each of the others; an empty list for a single version.

    Missing perceptual hashes are computed by `images`, or by workers for this call only. `advance` is called with the
    numbers of images that are done and of all images.
    """
    (baseline, first), *others = versions.items()
    version_pairs = {name: VersionPair(settings.session_id, first, version) for name, version in others}
    declared = _find_declared(store, settings.session_id, first) or [version for _, version in others]
    compute_hashes = partial(ensure_appearances, store, images=images or ImageWorkers(1), advance=advance)
    pairs_by_version = {
        version: _find_pairs(store, VersionPair(settings.session_id, first, version), compute_hashes)
        for version in dict.fromkeys([*declared, *(version for _, version in others)])
    }
    pairs = {name: pairs_by_version[version] for name, version in others}
    results = {name: _compare(pairs_by_version, declared, settings, version) for name, version in others}
    choices = tuple(describe_choices(store.reviews.get(settings.session_id), settings)) if settings.session_id else ()
    count = store.images.count(settings.session_id) if settings.session_id else None
    marked = store.images.find_must_not_regress(settings.session_id) if settings.session_id else frozenset()
    return [
        VersionComparison(
            baseline,
            name,
            version_pair,
            pairs[name],
            results[name],
            None if count is None else count - len(pairs[name]),
            tuple(version for version in (baseline, name) if store.predictions.has_truncated(versions[version])),
            len(marked - {pair.sha256 for pair in pairs[name]}),
            is_exploratory=version_pair.candidate not in declared,
            choices=choices,
        )
        for name, version_pair in version_pairs.items()
    ]


def _compare(
    pairs: Mapping[ModelVersion, Sequence[Pair]],
    declared: Sequence[ModelVersion],
    settings: ComparisonSettings,
    candidate: ModelVersion,
) -> Comparison:
    """Compare the candidate, corrected for all that were declared: choosing the best of them is no way around that."""
    together = {version: pairs[version] for version in (*declared, candidate)}
    compared = compare_many(together, threshold=settings.threshold, margin=settings.margin, grouping=settings.grouping)
    return compared[candidate]


def _find_declared(store: Store, session_id: str | None, baseline: ModelVersion) -> list[ModelVersion]:
    """Return the candidates of the baseline's family that the session had when labeling began."""
    declared = store.predictions.find_declared(session_id) if session_id else []
    family = (baseline.provider, baseline.family)
    return [version for version in declared if version != baseline and (version.provider, version.family) == family]


def _find_pairs(store: Store, version_pair: VersionPair, compute_hashes: Callable[[list[str]], None]) -> list[Pair]:
    pairs = store.pairs.find(version_pair)
    unhashed = [pair.sha256 for pair in pairs if pair.appearance is None]
    if not unhashed:
        return pairs
    compute_hashes(unhashed)
    return store.pairs.find(version_pair)


def describe_choices(review: Review, settings: ComparisonSettings) -> Iterator[str]:
    """Describe which settings differ from those of the review, for which the verdict is not corrected."""
    uncorrected = "The verdict is not corrected for this choice."
    # The page stores points divided by 100, which may differ from the number that was typed in the last digit.
    if not isclose(settings.margin, review.margin, abs_tol=1e-9):
        points, before = (f"{margin * 100:g} points" for margin in (settings.margin, review.margin))
        yield f"A margin of {points} was chosen after the review was set up with {before}. {uncorrected}"
    if not isclose(settings.threshold, review.threshold, abs_tol=1e-9):
        threshold, before = (f"{score:.2f}" for score in (settings.threshold, review.threshold))
        yield f"A score threshold of {threshold} was chosen after the review was set up with {before}. {uncorrected}"


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
    optional = (describe_waiting(result), describe_near_duplicates(result), without_label)
    yield from (sentence for sentence in optional if sentence)
    unchecked = describe_open_must_not_regress(comparison)
    if unchecked:
        yield unchecked
    yield from comparison.choices
    if comparison.is_exploratory:
        yield f"{comparison.candidate} was added after labeling began: its verdict is exploratory."
    if comparison.missing_images:
        yield f"Left out: {format_count(comparison.missing_images, 'image')} without predictions of both versions."
    for name in comparison.truncated:
        yield f"Predictions of {name} are truncated: the provider left out the lowest scores, which count as 0 here."
    if not result.is_distribution:
        yield "This is a multi-label model: the comparison covers only the top label."


def _describe_agreement(agreement: Agreement) -> str:
    kappa = "" if agreement.kappa is None else f", Cohen's kappa {agreement.kappa:.2f}"
    return f"The versions agree on {format_share(agreement.share)} of {format_count(agreement.images, 'image')}{kappa}."
