"""Images on which two versions differ: fixes, regressions, and all disagreements."""

from collections.abc import Sequence

from lib.domain.pairs import Pair


def find_regressions(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images that only the baseline gets right: the candidate's most confident mistake first."""
    found = [pair for pair in pairs if pair.flip_at(threshold) < 0]
    return sorted(found, key=lambda pair: -pair.candidate.score)


def find_fixes(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images that only the candidate gets right: the baseline's most confident mistake first."""
    found = [pair for pair in pairs if pair.flip_at(threshold) > 0]
    return sorted(found, key=lambda pair: -pair.baseline.score)


def find_disagreements(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images with different predicted labels: the highest top score of either version first."""
    found = [pair for pair in pairs if pair.differs_at(threshold)]
    return sorted(found, key=lambda pair: -max(pair.baseline.score, pair.candidate.score))
