"""Load a backup into an empty place: a new data folder, or an empty database with a folder for images.

    SECOND_LOOK_DATA_DIR=restored python -m lib restore second-look.backup

The whole file is checked before anything is written. A backup of SQLite can be restored to PostgreSQL, and the other
way around; one of an earlier release is migrated.
Exit codes: 0 if all was restored, 1 if nothing was, 2 if an argument or a setting is invalid.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.settings import Settings
from lib.store import Store
from lib.store.backup_reader import open_backup
from lib.workflows.backup_and_restore import RESTORE_COMMAND, describe_absent_images, describe_backup, restore_backup


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore the backup, and return the exit code."""
    file = _parse(arguments)
    sys.stdout.write("\n".join([*_restore(file), ""]))
    return 0


def _restore(file: Path) -> list[str]:
    settings = Settings.from_environment()
    with open_backup(file) as backup:
        store = Store.open_new(settings.database_url, settings.images_url)
        try:
            restore_backup(store, RESTORE_COMMAND, backup)
        finally:
            store.close()
        return [*describe_absent_images(backup.manifest), f"Restored {describe_backup(backup.manifest)}."]


def _parse(arguments: Sequence[str] | None) -> Path:
    parser = argparse.ArgumentParser(
        prog="python -m lib restore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that `python -m lib backup` wrote")
    file: Path = parser.parse_args(arguments).file
    if not file.is_file():
        parser.error(f"there is no file {file}")
    return file
