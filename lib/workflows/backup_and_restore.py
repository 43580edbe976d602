"""Backups of the whole store: `python -m lib backup` and `python -m lib restore`."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from lib.domain.people import Actor, Role
from lib.domain.permissions import Action
from lib.domain.wording import format_count
from lib.errors import BackupFailed
from lib.store import Store
from lib.store.backup_manifest import Manifest
from lib.store.backup_reader import BackupReader
from lib.workflows.authorization import authorize, record_event

BACKUP_COMMAND = Actor("backup command", Role.ADMIN)
RESTORE_COMMAND = Actor("restore command", Role.ADMIN)


def back_up(store: Store, actor: Actor, file: Path, *, force: bool = False, skip_damaged: bool = False) -> Manifest:
    """Write a backup to a file that only its owner can read. The file appears when it is whole.

    `force` replaces an existing file. Raises BackupFailed, also if an image is missing or damaged and `skip_damaged` is
    not set; and RoleMissing.
    """
    authorize(store, actor, Action.BACK_UP)
    with _writing_whole(file, force=force) as stream:
        manifest = store.backups.save(stream, skip_damaged=skip_damaged)
    record_event(store, actor, Action.BACK_UP, details=f"{file.name}, {describe_backup(manifest)}")
    return manifest


def restore_backup(store: Store, actor: Actor, backup: BackupReader) -> None:
    """Load a backup into an empty store. Raises BackupFailed, UnusableBackup and RoleMissing."""
    authorize(store, actor, Action.RESTORE_BACKUP)
    store.backups.restore(backup)
    details = f"made at {backup.manifest.made_at}, {describe_backup(backup.manifest)}"
    record_event(store, actor, Action.RESTORE_BACKUP, details=details)


def describe_backup(manifest: Manifest) -> str:
    """Return the numbers of sessions, images and predictions in a backup."""
    counts = {name: manifest.count_rows(name) for name in ("sessions", "images", "records")}
    nouns = {"sessions": "session", "images": "image", "records": "prediction"}
    return ", ".join(format_count(count, nouns[name]) for name, count in counts.items())


def describe_absent_images(manifest: Manifest) -> list[str]:
    """Return a line for each image that is in the tables of the backup, but not in its files, or not whole."""
    return [
        *(f"Deleted while the backup was made: image {sha256}" for sha256 in manifest.absent.deleted),
        *(f"Missing or damaged when the backup was made: image {sha256}" for sha256 in manifest.absent.damaged),
    ]


@contextmanager
def _writing_whole(file: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Open a new file beside `file` that takes its place at the end. After an error, nothing is left of it."""
    try:
        # Readable by its owner alone.
        with tempfile.NamedTemporaryFile("w+b", prefix=f".{file.name}.", dir=file.parent, delete=False) as stream:
            unfinished = Path(stream.name)
            try:
                yield cast(BinaryIO, stream)
                stream.flush()
                os.fsync(stream.fileno())
                _rename(unfinished, file, force=force)
            finally:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise BackupFailed(f"{file} cannot be written: {error.strerror or error}.") from error


def _rename(unfinished: Path, file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise BackupFailed(f"{file} exists already. Choose another name, or pass --force to replace it.")
    unfinished.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
