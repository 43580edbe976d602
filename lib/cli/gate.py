"""Stop a release whose candidate is worse than its baseline, for pipelines.

    python -m lib gate --session ID --baseline v1 --candidate v2
    python -m lib gate --session ID --baseline v1 --candidate v2 --json --junit gate.xml

Exit codes:
    0  pass: better, no worse than the margin, or worse but within the margin
    1  fail: worse, or an image of the must-not-regress set regressed
    2  a wrong argument or setting: nothing was compared
    3  inconclusive: no ground truth, predictions missing, not enough evidence, an image of the must-not-regress set
       that is not checked yet, or a defect
"""

import argparse
import math
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from lib.errors import AppError
from lib.settings import Settings
from lib.store import Store
from lib.workflows.gate import NEAR_DUPLICATES, ExitCode, GateRequest, GateResult, GateRules, run_gate
from lib.workflows.gate_formats import format_json, format_junit, format_junit_error


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict and what follows from it, and return the exit code."""
    chosen = _parse(arguments)
    try:
        result = _run(chosen)
        if chosen.junit:
            chosen.junit.write_bytes(format_junit(result))
        sys.stdout.write(format_json(result) if chosen.json else _format_text(result))
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return ExitCode.USAGE
    except Exception:
        # Python's own exit code for a defect is 1, which here says that the candidate is worse.
        traceback.print_exc()
        return ExitCode.INCONCLUSIVE
    return result.code


def _run(chosen: argparse.Namespace) -> GateResult:
    rules = GateRules(chosen.max_missing, chosen.must_not_regress)
    request = GateRequest(
        chosen.session,
        chosen.baseline,
        chosen.candidate,
        margin=chosen.margin,
        threshold=chosen.threshold,
        rules=rules,
        near_duplicates=chosen.near_duplicates,
    )
    settings = Settings.from_environment()
    store = Store(settings.database_url, settings.images_url)
    try:
        return run_gate(store, request)
    finally:
        store.close()


def _format_text(result: GateResult) -> str:
    return "\n".join([*result.sentences, f"Gate: {result.code.name.lower()}. {result.reason}", ""])


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib gate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--session", required=True, help="the session's id, as its address has it")
    parser.add_argument("--baseline", required=True, help="short name or model id of the version in use")
    parser.add_argument("--candidate", required=True, help="short name or model id of the version that may replace it")
    _add_rules(parser)
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object, and nothing else")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the result to a JUnit XML file")
    chosen = parser.parse_args(arguments)
    if chosen.junit:
        try:
            # If the gate is stopped, no earlier result stays there.
            chosen.junit.write_bytes(format_junit_error("The gate did not finish. See its output."))
        except OSError as error:
            parser.error(f"argument --junit: cannot write to {str(chosen.junit)!r}: {error.strerror}")
    return chosen


def _add_rules(parser: argparse.ArgumentParser) -> None:
    rules = GateRules()
    parser.add_argument(
        "--margin", type=_share, help="non-inferiority margin in accuracy, 0 to 1 (default: that of the review)"
    )
    parser.add_argument("--threshold", type=_share, help="score threshold, 0 to 1 (default: that of the review)")
    parser.add_argument(
        "--max-missing",
        type=_share,
        default=rules.max_missing,
        help="share of images that may lack a prediction, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--near-duplicates",
        choices=NEAR_DUPLICATES,
        default=NEAR_DUPLICATES[0],
        help="how images that count as one are found (default: %(default)s)",
    )
    parser.add_argument(
        "--must-not-regress",
        action=argparse.BooleanOptionalAction,
        default=rules.must_not_regress,
        help="fail if an image of the must-not-regress set regressed (default: yes)",
    )


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, but is {text!r}")
    return share
