"""Stops a release whose candidate is worse than its baseline, for pipelines.

    python -m lib.workflows.gate --session ID --baseline v1 --candidate v2 --margin 0.02

Exit codes:
    0  pass: better, no worse than the margin, or worse but within the margin
    1  fail: worse
    2  a wrong argument or setting: no verdict was looked for
    3  inconclusive: no ground truth, predictions missing, not enough evidence, or a defect
"""

import argparse
import math
import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum

from lib.domain.predictions import ModelVersion
from lib.errors import AppError, UnknownVersion
from lib.settings import Settings
from lib.stats.comparison import Verdict
from lib.store import Store
from lib.workflows.compare import (
    ComparisonSettings,
    VersionComparison,
    describe_caveats,
    describe_comparison,
    find_comparisons,
)

# Images that both versions should have answered and did not are perhaps the hard ones.
_MISSING_ALLOWED = 0.01


class ExitCode(IntEnum):
    """What a pipeline is told."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict and what follows from it; gives the exit code."""
    chosen = _parse(arguments)
    try:
        contest = _find_contest(chosen)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return ExitCode.USAGE
    except Exception:
        # Python's own exit code for a defect is 1, which here says that the candidate is worse.
        traceback.print_exc()
        return ExitCode.INCONCLUSIVE
    code, reason = decide(contest, chosen.max_missing)
    result = f"Gate: {code.name.lower()}. {reason}"
    sys.stdout.write("\n".join([describe_comparison(contest), *describe_caveats(contest), result, ""]))
    return code


def decide(contest: VersionComparison, max_missing: float) -> tuple[ExitCode, str]:
    """The exit code and its reason, where at most this share of the images may lack a prediction, 0 to 1.

    What fails, fails whatever is missing; nothing passes on a part of the images.
    """
    comparison = contest.comparison
    within_margin = comparison.margin > 0 and comparison.interval.low > -comparison.margin
    if comparison.verdict is Verdict.WORSE and not within_margin:
        return ExitCode.FAIL, f"{contest.candidate} is worse than {contest.baseline}."
    missing = contest.unanswered or 0
    images = len(contest.pairs) + missing
    if not contest.pairs or missing > max_missing * images:
        return ExitCode.INCONCLUSIVE, f"{missing:,} of {images:,} images lack a prediction of one of the versions."
    if comparison.verdict is Verdict.WORSE:
        return ExitCode.PASS, f"{contest.candidate} is worse than {contest.baseline}, but within the margin."
    if comparison.verdict in _GOOD:
        return ExitCode.PASS, f"{contest.candidate} is {comparison.verdict.value}."
    return ExitCode.INCONCLUSIVE, _ADVICE[comparison.verdict]


_GOOD = {Verdict.BETTER, Verdict.NO_WORSE}
_MORE = "Review more images, or set a wider --margin."
_ADVICE = {
    Verdict.NO_TRUTH: "Review images first: no image has a ground truth.",
    Verdict.NOT_ENOUGH: f"Not enough evidence. {_MORE}",
    Verdict.NO_DIFFERENCE: f"No difference seen, which does not prove that there is none. {_MORE}",
}


def find_version(versions: Sequence[ModelVersion], name: str) -> ModelVersion:
    """The version of this short name or model id. Raises UnknownVersion where there is none, or more than one."""
    found = [version for version in versions if name in {version.version, version.model_id}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{version.version} ({version.model_id})" for version in versions) or "none"
    what = "more than one version" if found else "no version"
    raise UnknownVersion(f"The session has answers of {what} called {name!r}. It has these: {known}.")


def _find_contest(chosen: argparse.Namespace) -> VersionComparison:
    settings = Settings.from_environment()
    store = Store(settings.database_url, settings.images_url)
    try:
        session = store.sessions.get(chosen.session)
        recorded = store.predictions.find_versions(session.id)
        versions = {name: find_version(recorded, name) for name in (chosen.baseline, chosen.candidate)}
        if len(set(versions.values())) < 2:
            raise UnknownVersion("Baseline and candidate must differ: both names are of the same version.")
        (contest,) = find_comparisons(store, versions, ComparisonSettings(session.id, chosen.threshold, chosen.margin))
    finally:
        store.close()
    return contest


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib.workflows.gate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--session", required=True, help="the session's id, as its address has it")
    parser.add_argument("--baseline", required=True, help="short name or model id of the version in use")
    parser.add_argument("--candidate", required=True, help="short name or model id of the version to judge")
    parser.add_argument("--margin", type=_share, default=0.0, help="how much worse in accuracy is still good, 0 to 1")
    parser.add_argument("--threshold", type=_share, default=0.0, help="score from which a label counts, 0 to 1")
    parser.add_argument(
        "--max-missing",
        type=_share,
        default=_MISSING_ALLOWED,
        help="share of images that may lack a prediction, 0 to 1 (default: %(default)s)",
    )
    return parser.parse_args(arguments)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, but is {text!r}")
    return share


if __name__ == "__main__":
    sys.exit(main())
