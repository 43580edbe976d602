"""Check that nobody tampered with the audit log.

    python -m lib verify-audit-log
    python -m lib verify-audit-log --head 1234:9f86d081...

Deleted latest entries are only found with a head (number and hash) that was saved before; the Audit log page shows it.
An empty log cannot be told from one that was emptied. Counts of repeated denials are checked once they are entries.
Exit codes: 0 if the log is intact, 1 if it was tampered with, 2 if it cannot be read or an argument is invalid.
"""

import argparse
import re
import sys
from collections.abc import Sequence

from lib.domain.audit import ChainBreak
from lib.errors import AppError
from lib.settings import Settings
from lib.store import Store

_TAMPERED, _USAGE_ERROR = 1, 2
_EMPTY = (
    "The audit log has no entries. An empty log cannot be told from one that was emptied. "
    "If you saved a head, pass it with --head."
)
_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the log of the configured database, and return the exit code."""
    head = _parse(arguments)
    try:
        found, current = _verify(head)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE_ERROR
    if found:
        sys.stderr.write(f"The audit log was tampered with. First fault at entry {found.number}: {found.reason}.\n")
        return _TAMPERED
    sys.stdout.write(f"{current}\n")
    return 0


def _verify(head: tuple[int, str] | None) -> tuple[ChainBreak | None, str]:
    settings = Settings.from_environment()
    # Opening a store that is missing would create an empty one, whose log is intact.
    store = Store.open_existing(settings.database_url, settings.images_url)
    try:
        latest = store.audit.find(limit=1)
        current = f"The audit log is intact. Head to save: {latest[0].head}" if latest else _EMPTY
        return store.audit.verify(head), current
    finally:
        store.close()


def _parse(arguments: Sequence[str] | None) -> tuple[int, str] | None:
    parser = argparse.ArgumentParser(
        prog="python -m lib verify-audit-log",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--head", metavar="NUMBER:HASH", help="a head that you saved: the log must still contain it")
    chosen = parser.parse_args(arguments).head
    if chosen is None:
        return None
    found = _HEAD.fullmatch(chosen.strip().lower())
    if not found:
        parser.error("--head must be a number, a colon and 64 hexadecimal digits, as the Audit log page shows them")
    return int(found[1]), found[2]
