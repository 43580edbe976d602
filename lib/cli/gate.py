"""Stop a release whose candidate is worse than its baseline, for pipelines.

    python -m lib gate --session ID --baseline v1 --candidate v2 --margin 0.02

Exit codes:
    0  pass: better, no worse than the margin, or worse but within the margin
    1  fail: worse
    2  a wrong argument or setting: nothing was compared
    3  inconclusive: no ground truth, predictions missing, not enough evidence, or a defect
"""

import argparse
import math
import sys
import traceback
from collections.abc import Sequence

from lib.errors import AppError, UnknownVersion
from lib.settings import Settings
from lib.store import Store
from lib.workflows.compare import (
    ComparisonSettings,
    VersionComparison,
    describe_caveats,
    describe_comparison,
    find_comparisons,
)
from lib.workflows.gate import ExitCode, decide, find_version

# Images without a prediction may be the difficult ones.
_MISSING_ALLOWED = 0.01


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict and what follows from it, and return the exit code."""
    chosen = _parse(arguments)
    try:
        comparison = _find_comparison(chosen)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return ExitCode.USAGE
    except Exception:
        # Python's own exit code for a defect is 1, which here says that the candidate is worse.
        traceback.print_exc()
        return ExitCode.INCONCLUSIVE
    code, reason = decide(comparison, chosen.max_missing)
    result = f"Gate: {code.name.lower()}. {reason}"
    sys.stdout.write("\n".join([describe_comparison(comparison), *describe_caveats(comparison), result, ""]))
    return code


def _find_comparison(chosen: argparse.Namespace) -> VersionComparison:
    settings = Settings.from_environment()
    store = Store(settings.database_url, settings.images_url)
    try:
        session = store.sessions.get(chosen.session)
        recorded = store.predictions.find_versions(session.id)
        versions = {name: find_version(recorded, name) for name in (chosen.baseline, chosen.candidate)}
        if len(set(versions.values())) < 2:
            raise UnknownVersion("Baseline and candidate must differ: both names are of the same version.")
        (comparison,) = find_comparisons(
            store, versions, ComparisonSettings(session.id, chosen.threshold, chosen.margin)
        )
    finally:
        store.close()
    return comparison


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib gate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--session", required=True, help="the session's id, as its address has it")
    parser.add_argument("--baseline", required=True, help="short name or model id of the version in use")
    parser.add_argument("--candidate", required=True, help="short name or model id of the version that may replace it")
    parser.add_argument(
        "--margin", type=_share, default=0.0, help="non-inferiority margin in accuracy, 0 to 1 (default: %(default)s)"
    )
    parser.add_argument("--threshold", type=_share, default=0.0, help="score threshold, 0 to 1 (default: %(default)s)")
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
