"""The release gate, which pipelines run as `python -m lib gate`: can the candidate replace the baseline?"""

from collections.abc import Sequence
from enum import IntEnum

from lib.domain.predictions import ModelVersion
from lib.errors import UnknownVersion
from lib.stats.comparison import Verdict
from lib.workflows.compare import VersionComparison


class ExitCode(IntEnum):
    """Exit code of the command."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3


def decide(comparison: VersionComparison, max_missing: float) -> tuple[ExitCode, str]:
    """Return the exit code and its reason. `max_missing` is the share of images that may lack a prediction, 0 to 1.

    A worse candidate fails even if predictions are missing; no candidate passes while too many are missing.
    """
    result = comparison.result
    if result.verdict is Verdict.WORSE:
        return ExitCode.FAIL, f"{comparison.candidate} is worse than {comparison.baseline}."
    missing = comparison.missing_images or 0
    images = len(comparison.pairs) + missing
    if not comparison.pairs or missing > max_missing * images:
        return ExitCode.INCONCLUSIVE, f"{missing:,} of {images:,} images lack a prediction of one of the versions."
    if result.verdict in _PASSING:
        return ExitCode.PASS, f"{comparison.candidate} is {result.verdict.value}."
    return ExitCode.INCONCLUSIVE, _ADVICE[result.verdict]


_PASSING = {Verdict.BETTER, Verdict.NO_WORSE, Verdict.WORSE_WITHIN_MARGIN}
_ADVICE = {
    Verdict.NOT_ENOUGH_LABELS: "Not enough labels yet. Review more disagreements, in the review order.",
    Verdict.CANNOT_BE_SETTLED: "More labels cannot settle this comparison. Add images, or set a wider --margin.",
    Verdict.NO_DIFFERENCE: "No difference seen, which does not prove that there is none. Add images, or a --margin.",
}


def find_version(versions: Sequence[ModelVersion], name: str) -> ModelVersion:
    """Return the version with this short name or model ID. Raises UnknownVersion if there is none, or more than one."""
    found = [version for version in versions if name in {version.version, version.model_id}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{version.version} ({version.model_id})" for version in versions) or "none"
    what = "more than one version" if found else "no version"
    raise UnknownVersion(f"The session has predictions of {what} called {name!r}. It has these: {known}.")
