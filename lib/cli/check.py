"""Check that everything that is stored is whole: database, references, images and audit log.

    python -m lib check

All images are read. Nothing is changed, and the app may run meanwhile.
Exit codes: 0 if everything is whole, 1 if not, 2 if an argument or a setting is invalid.
"""

import argparse
import sys
from collections.abc import Sequence

from lib.errors import AppError, InvalidSettings
from lib.settings import Settings
from lib.store import Store
from lib.workflows.integrity_check import CheckedPart, check_store

_FAULTY, _USAGE_ERROR = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each part, and return the exit code."""
    _parse(arguments)
    try:
        settings = Settings.from_environment()
    except InvalidSettings as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE_ERROR
    try:
        store = Store.open_existing(settings.database_url, settings.images_url)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return _FAULTY
    try:
        # Each line as soon as it is known: reading all images may take long.
        are_whole = [_show(part) for part in check_store(store)]
        return 0 if all(are_whole) else _FAULTY
    finally:
        store.close()


def _show(part: CheckedPart) -> bool:
    sys.stdout.write(f"{'ok' if part.is_whole else 'FAULT':<7}{part.name}: {part.finding}\n")
    sys.stdout.flush()
    return part.is_whole


def _parse(arguments: Sequence[str] | None) -> None:
    argparse.ArgumentParser(
        prog="python -m lib check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
