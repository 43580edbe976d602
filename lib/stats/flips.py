"""Images on which two versions differ: fixes, regressions, and all disagreements."""

from collections.abc import Sequence

from lib.domain.pairs import Pair


def find_regressions(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images that only the baseline gets right: those that must not regress, and then the others, each with
    the candidate's most confident mistake first.
    """
    found = [pair for pair in pairs if pair.flip_at(threshold) < 0]
    return sorted(found, key=lambda pair: (not pair.must_not_regress, -pair.candidate.score))


def find_blocking_regressions(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the regressions with a final label among the images that must not regress, in the same order.

    Where an image stands in the review order does not matter: one such regression stops a release.
    """
    return [pair for pair in find_regressions(pairs, threshold) if pair.must_not_regress and pair.is_final]


def find_open_must_not_regress(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images that must not regress of which a label is missing to tell whether they do."""
    return [pair for pair in pairs if pair.must_not_regress and pair.differs_at(threshold) and not pair.is_final]


def find_fixes(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images that only the candidate gets right: the baseline's most confident mistake first."""
    found = [pair for pair in pairs if pair.flip_at(threshold) > 0]
    return sorted(found, key=lambda pair: -pair.baseline.score)


def find_disagreements(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images with different predicted labels: the highest top score of either version first."""
    found = [pair for pair in pairs if pair.differs_at(threshold)]
    return sorted(found, key=lambda pair: -max(pair.baseline.score, pair.candidate.score))
