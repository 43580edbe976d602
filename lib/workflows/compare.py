"""Compare a baseline with its candidates on the same images, and describe the result."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose

from lib.domain.label_texts import SameLabels, find_similar_labels, list_labels
from lib.domain.pairs import Pair, VersionPair
from lib.domain.predictions import ModelVersion
from lib.domain.reviews import Review
from lib.images.image_workers import ImageWorkers
from lib.stats.accuracy import GroupedPair
from lib.stats.comparison import Comparison, compare_many
from lib.stats.flips import find_blocking_regressions, find_open_must_not_regress
from lib.stats.near_duplicates import Grouping
from lib.store import Store
from lib.workflows.compared_pairs import find_described_pairs, find_unknown_labels


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
    says which settings differ from those of the review. `similar_labels` are written almost alike and count as
    different, `same_labels` are treated as the same. `unknown_labels` are versions with true labels that they do not
    know. On `seen_images` images, reviewers saw predictions.
    `grouping` is how near-duplicates were found.
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
    similar_labels: tuple[SameLabels, ...] = ()
    same_labels: tuple[SameLabels, ...] = ()
    unknown_labels: tuple[tuple[str, str], ...] = ()
    seen_images: int = 0
    grouping: Grouping = Grouping.APPEARANCE

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
    def from_elsewhere(self) -> int:
        """Number of images whose true label is that of another session."""
        return sum(pair.is_from_elsewhere for pair in self.pairs)

    @property
    def distinct(self) -> int:
        """Number of images that were marked as no near-duplicates."""
        return sum(pair.is_distinct for pair in self.pairs)

    @property
    def without_time(self) -> int:
        """Number of images whose capture time is not known."""
        return sum(pair.captured_at is None for pair in self.pairs)

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

    Missing appearances are computed by `images`, or by workers for this call only. `advance` is called with the
    numbers of images that are done and of all images.
    """
    (baseline, first), *others = versions.items()
    declared = _find_declared(store, settings.session_id, first) or [version for _, version in others]
    pairs_by_version = {
        version: find_described_pairs(store, VersionPair(settings.session_id, first, version), images, advance)
        for version in dict.fromkeys([*declared, *(version for _, version in others)])
    }
    compared = {
        name: _Compared(
            VersionPair(settings.session_id, first, version),
            pairs_by_version[version],
            _compare(pairs_by_version, declared, settings, version),
            is_exploratory=version not in declared,
        )
        for name, version in others
    }
    facts = _read_session(store, settings)
    return [_describe(store, (baseline, name), own, facts) for name, own in compared.items()]


@dataclass(frozen=True, slots=True)
class _SessionFacts:
    """What all comparisons of a session share; `images` counts its images, None over all sessions."""

    settings: ComparisonSettings
    review: Review = field(default_factory=Review)
    choices: tuple[str, ...] = ()
    images: int | None = None
    must_not_regress: frozenset[str] = frozenset()
    seen_images: int = 0


def _read_session(store: Store, settings: ComparisonSettings) -> _SessionFacts:
    session_id = settings.session_id
    if session_id is None:
        return _SessionFacts(settings)
    review = store.reviews.get(session_id)
    return _SessionFacts(
        settings,
        review,
        tuple(describe_choices(review, settings)),
        store.images.count(session_id),
        store.images.find_must_not_regress(session_id),
        store.annotations.count_seen(session_id),
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """A candidate with the images that it and the baseline predicted, and what they show of it."""

    version_pair: VersionPair
    pairs: list[Pair]
    result: Comparison
    is_exploratory: bool


def _describe(store: Store, names: tuple[str, str], compared: _Compared, facts: _SessionFacts) -> VersionComparison:
    version_pair, pairs = compared.version_pair, compared.pairs
    versions = zip(names, (version_pair.baseline, version_pair.candidate), strict=True)
    return VersionComparison(
        *names,
        version_pair,
        pairs,
        compared.result,
        None if facts.images is None else facts.images - len(pairs),
        tuple(name for name, version in versions if store.predictions.has_truncated(version)),
        len(facts.must_not_regress - {pair.sha256 for pair in pairs}),
        is_exploratory=compared.is_exploratory,
        choices=facts.choices,
        similar_labels=tuple(find_similar_labels(list_labels(pairs))),
        same_labels=facts.review.same_labels,
        unknown_labels=tuple(find_unknown_labels(store, version_pair, names, pairs)),
        seen_images=facts.seen_images,
        grouping=facts.settings.grouping,
    )


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
    if settings.grouping is not Grouping.APPEARANCE:
        yield f"Sign-off finds near-duplicates by appearance; here they are found otherwise. {uncorrected}"
