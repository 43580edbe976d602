"""Delete sessions that nobody has used for a number of days.

    python -m lib retain --dry-run
    python -m lib retain --days 90

Exit codes: 0, or 2 if an argument or a setting is invalid.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from lib.domain.wording import format_count
from lib.errors import AppError, InvalidSettings
from lib.settings import Settings
from lib.store import Store
from lib.workflows.retention import COMMAND, delete_expired, describe_loss, find_expired

_USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Delete, or list what would be deleted, and return the exit code."""
    chosen = _parse(arguments)
    try:
        lines = _delete(chosen)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE_ERROR
    verb = "would be deleted" if chosen.dry_run else "deleted"
    sys.stdout.write("\n".join([*lines, f"{format_count(len(lines), 'session')} {verb}.", ""]))
    return 0


def _delete(chosen: argparse.Namespace) -> list[str]:
    settings = Settings.from_environment()
    keep_days = chosen.days or settings.keep_days
    if not keep_days:
        raise InvalidSettings("The number of days is missing: set SECOND_LOOK_KEEP_DAYS, or pass --days.")
    store = Store(settings.database_url, settings.images_url)
    try:
        now = datetime.now(UTC)
        if chosen.dry_run:
            return [describe_loss(store, session) for session in find_expired(store, keep_days, now)]
        return delete_expired(store, keep_days, now, COMMAND)
    finally:
        store.close()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib retain",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--days",
        type=int,
        default=None,
        help="days without use after which a session is deleted (default: SECOND_LOOK_KEEP_DAYS)",
    )
    parser.add_argument("--dry-run", action="store_true", help="list what would be deleted, and delete nothing")
    chosen = parser.parse_args(arguments)
    if chosen.days is not None and chosen.days < 1:
        parser.error("--days must be 1 or more")
    return chosen
