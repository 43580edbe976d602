"""The release gate for pipelines, `python -m lib gate`: whether the candidate may replace the baseline."""

from collections.abc import Sequence
from enum import IntEnum

from lib.domain.predictions import ModelVersion
from lib.errors import UnknownVersion
from lib.stats.comparison import Verdict
from lib.workflows.compare import VersionComparison


class ExitCode(IntEnum):
    """The exit code for a pipeline."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3


def decide(comparison: VersionComparison, max_missing: float) -> tuple[ExitCode, str]:
    """Return the exit code and the reason. At most `max_missing` of the images, 0 to 1, may lack a prediction.

    Missing images may be the difficult ones. They prevent a pass, but not a failure.
    """
    result = comparison.result
    within_margin = result.margin > 0 and result.interval.low > -result.margin
    if result.verdict is Verdict.WORSE and not within_margin:
        return ExitCode.FAIL, f"{comparison.candidate} is worse than {comparison.baseline}."
    missing = comparison.unanswered or 0
    images = len(comparison.pairs) + missing
    if not comparison.pairs or missing > max_missing * images:
        return ExitCode.INCONCLUSIVE, f"{missing:,} of {images:,} images lack a prediction from one of the versions."
    if result.verdict is Verdict.WORSE:
        return ExitCode.PASS, f"{comparison.candidate} is worse than {comparison.baseline}, but within the margin."
    if result.verdict in _GOOD:
        return ExitCode.PASS, f"{comparison.candidate} is {result.verdict.value}."
    return ExitCode.INCONCLUSIVE, _ADVICE[result.verdict]


_GOOD = {Verdict.BETTER, Verdict.NO_WORSE}
_MORE = "Review more images, or set a wider --margin."
_ADVICE = {
    Verdict.NO_TRUTH: "Review images first: no image has a ground truth.",
    Verdict.NOT_ENOUGH: f"Not enough evidence. {_MORE}",
    Verdict.NO_DIFFERENCE: f"No difference found, which is no proof that there is none. {_MORE}",
}


def find_version(versions: Sequence[ModelVersion], name: str) -> ModelVersion:
    """Return the version with this short name or model id. Raises UnknownVersion for none, or several."""
    found = [version for version in versions if name in {version.version, version.model_id}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{version.version} ({version.model_id})" for version in versions) or "none"
    what = "more than one version" if found else "no version"
    raise UnknownVersion(f"The session has {what} called {name!r}. It has these: {known}.")
