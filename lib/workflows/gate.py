"""Stops a release: says whether a candidate is worse than its baseline, for pipelines.

    python -m lib.workflows.gate --session ID --baseline v1 --candidate v2 --margin 0.02

Exits with 1 where the candidate is worse, with 2 where it cannot be said for a wrong argument, else with 0.
"""

import argparse
import sys
from collections.abc import Sequence

from lib.domain.prediction import ModelVersion
from lib.errors import AppError, UnknownVersion
from lib.settings import Settings
from lib.stats.comparison import Verdict
from lib.store import Store
from lib.workflows.contest import Contest, Terms, find_contests, say_contest, say_more

_WORSE, _CANNOT_SAY = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict; gives the exit code."""
    chosen = _parse(arguments)
    try:
        contest = _find_contest(chosen)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return _CANNOT_SAY
    sys.stdout.write("\n".join([say_contest(contest), *say_more(contest), ""]))
    return _WORSE if contest.comparison.verdict is Verdict.WORSE else 0


def find_version(versions: Sequence[ModelVersion], name: str) -> ModelVersion:
    """The version of this short name or model id. Raises UnknownVersion where there is none, or more than one."""
    found = [version for version in versions if name in {version.version, version.model_id}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{version.version} ({version.model_id})" for version in versions) or "none"
    what = "more than one version" if found else "no version"
    raise UnknownVersion(f"The session has answers of {what} called {name!r}. It has these: {known}.")


def _find_contest(chosen: argparse.Namespace) -> Contest:
    settings = Settings.from_environment()
    store = Store(settings.database_url, settings.images_url)
    try:
        session = store.get_session(chosen.session)
        recorded = store.find_versions(session.id)
        versions = {name: find_version(recorded, name) for name in (chosen.baseline, chosen.candidate)}
        (contest,) = find_contests(store, versions, Terms(session.id, chosen.threshold, chosen.margin))
    finally:
        store.close()
    return contest


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib.workflows.gate", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--session", required=True, help="the session's id, as its address has it")
    parser.add_argument("--baseline", required=True, help="short name or model id of the version in use")
    parser.add_argument("--candidate", required=True, help="short name or model id of the version to judge")
    parser.add_argument("--margin", type=_share, default=0.0, help="how much worse in accuracy is still good, 0 to 1")
    parser.add_argument("--threshold", type=_share, default=0.0, help="score from which a label counts, 0 to 1")
    chosen = parser.parse_args(arguments)
    if chosen.baseline == chosen.candidate:
        parser.error("baseline and candidate must differ")
    return chosen


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, but is {text}")
    return share


if __name__ == "__main__":
    sys.exit(main())
