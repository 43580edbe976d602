"""Write all sessions, images, predictions, people's tokens and the audit log to one file, while the app runs.

    python -m lib backup second-look.backup

The file appears when it is whole, and only its owner can read it. `python -m lib restore` loads it.
Exit codes: 0 if the backup was made, 1 if not, 2 if an argument or a setting is invalid.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.settings import Settings
from lib.store import Store
from lib.workflows.backup_and_restore import BACKUP_COMMAND, back_up, describe_absent_images, describe_backup


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the backup, and return the exit code."""
    chosen = _parse(arguments)
    sys.stdout.write("\n".join([*_back_up(chosen), ""]))
    return 0


def _back_up(chosen: argparse.Namespace) -> list[str]:
    settings = Settings.from_environment()
    store = Store.open_existing(settings.database_url, settings.images_url)
    try:
        manifest = back_up(store, BACKUP_COMMAND, chosen.file, force=chosen.force, skip_damaged=chosen.skip_damaged)
    finally:
        store.close()
    return [*describe_absent_images(manifest), f"{chosen.file}: {describe_backup(manifest)}."]


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib backup",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the new file")
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.add_argument(
        "--skip-damaged",
        action="store_true",
        help="make the backup although images are missing or damaged, and list them",
    )
    chosen = parser.parse_args(arguments)
    if not chosen.file.parent.is_dir() or chosen.file.is_dir():
        parser.error(f"{chosen.file} must be a file in a folder that exists")
    if chosen.file.exists() and not chosen.force:
        parser.error(f"{chosen.file} exists already: choose another name, or pass --force to replace it")
    return chosen
