"""Backups: everything that is stored into one file, and from one file into an empty store."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from sqlalchemy import Connection, MetaData, exists, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from lib.domain.wording import format_count
from lib.errors import BackupFailed, StorageUnavailable, UnusableBackup
from lib.store.backup_manifest import THUMBNAILS, AbsentImages, Manifest, name_table
from lib.store.backup_reader import BackupReader
from lib.store.backup_rows import find_pieces, load_lines
from lib.store.backup_writer import BackupWriter, format_thumbnail
from lib.store.database import Repository
from lib.store.engine import HEAD, describe_error, snapshot, upgrade
from lib.store.job_tables import job_files, jobs
from lib.store.tables import METADATA, images

_SHOWN = 3

# Their files, which wait to be added, are not in a backup.
_NOT_KEPT = (jobs, job_files)


class Backups(Repository):
    """The whole store in a file. Both ways, memory holds a few rows and images at a time."""

    def save(self, stream: BinaryIO, *, skip_damaged: bool = False) -> Manifest:
        """Write a backup while others read and write: tables as they are at one moment, then the images they name.

        Images that are deleted meanwhile are listed in the manifest. Raises BackupFailed if an image is missing or does
        not match its hash, unless `skip_damaged` lists these as well.
        """
        with _translating_errors("The backup cannot be made"), BackupWriter(stream) as writer:
            sha256s = self._save_tables(writer)
            # Once more, because an image may just be written anew: see Images.add.
            absent = self._save_images(writer, self._save_images(writer, sha256s))
            saved = set(sha256s) - set(absent)
            writer.add_lines(THUMBNAILS, self._find_thumbnail_lines(saved, absent))
            return writer.finish(self._find_reasons(absent, skip_damaged=skip_damaged))

    def restore(self, backup: BackupReader) -> None:
        """Load a backup: images first, then all tables in one transaction.

        Raises BackupFailed if anything is stored here already, and UnusableBackup if the file does not fit its schema.
        """
        with _translating_errors("The backup cannot be restored"):
            with self._database.reading.begin() as connection:
                _check_target(connection, backup)
            self._database.files.overwrite_thumbnails(backup.find_thumbnails())
            self._database.files.overwrite_contents(backup.find_images())
            with self._database.engine.begin() as connection:
                _check_target(connection, backup)
                _load(connection, backup)

    def _save_tables(self, writer: BackupWriter) -> list[str]:
        with snapshot(self._database.engine).begin() as connection:
            for table in METADATA.sorted_tables:
                pieces = find_pieces(connection, table, empty=table in _NOT_KEPT)
                writer.add_lines(name_table(table.name), pieces)
            return list(connection.execute(select(images.c.sha256)).scalars())

    def _save_images(self, writer: BackupWriter, sha256s: Iterable[str]) -> list[str]:
        """Return those that are missing, or do not match their hash."""
        absent = []
        for sha256, content in self._database.files.find_contents(sha256s):
            if content is not None and hashlib.sha256(content).hexdigest() == sha256:
                writer.add_image(sha256, content)
            else:
                absent.append(sha256)
        return absent

    def _find_thumbnail_lines(self, sha256s: Iterable[str], absent: list[str]) -> Iterator[bytes]:
        for sha256, thumbnail in self._database.files.find_thumbnails(sha256s):
            if thumbnail is None:
                absent.append(sha256)
            else:
                yield format_thumbnail(sha256, thumbnail)

    def _find_reasons(self, absent: list[str], *, skip_damaged: bool) -> AbsentImages:
        if not absent:
            return AbsentImages()
        present = {sha256 for (sha256,) in self._database.find(select(images.c.sha256))}
        damaged = tuple(sha256 for sha256 in absent if sha256 in present)
        if damaged and not skip_damaged:
            shown = ", ".join([*damaged[:_SHOWN], *(["…"] if len(damaged) > _SHOWN else [])])
            raise BackupFailed(
                f"{format_count(len(damaged), 'image')} missing or changed in the image store: {shown}. No backup was "
                "made. Restore the files, or pass --skip-damaged to back up everything else."
            )
        return AbsentImages(tuple(sha256 for sha256 in absent if sha256 not in present), damaged)


def _check_target(connection: Connection, backup: BackupReader) -> None:
    if backup.manifest.revision == HEAD and backup.tables != METADATA.tables.keys():
        raise UnusableBackup("The backup is damaged: its tables are not those of its schema.")
    for table in METADATA.sorted_tables:
        if connection.execute(select(exists(select(table)))).scalar():
            raise BackupFailed(
                f"A backup is restored to an empty place only, and the table {table.name} has rows. Nothing was "
                "changed. Set another SECOND_LOOK_DATA_DIR, or SECOND_LOOK_DATABASE_URL and SECOND_LOOK_IMAGES_URL."
            )


def _load(connection: Connection, backup: BackupReader) -> None:
    if backup.manifest.revision != HEAD:
        METADATA.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        upgrade(connection, backup.manifest.revision)
    # The tables of the backup's own schema, which may have other columns than today's.
    schema = MetaData()
    schema.reflect(connection, only=sorted(backup.tables))
    for table in schema.sorted_tables:
        load_lines(connection, table, backup.find_lines(table.name))
    upgrade(connection)
    if connection.dialect.name == "postgresql":
        _continue_counters(connection)


def _continue_counters(connection: Connection) -> None:
    """Let PostgreSQL count on from the highest numbers. SQLite does so by itself."""
    for table in METADATA.sorted_tables:
        counted = table.autoincrement_column
        if counted is not None:
            sequence = func.pg_get_serial_sequence(table.name, counted.name)
            highest = func.coalesce(func.max(counted), 1)
            connection.execute(select(func.setval(sequence, highest, func.max(counted).is_not(None))))


@contextmanager
def _translating_errors(what: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, StorageUnavailable, OSError) as error:
        raise BackupFailed(f"{what}: {describe_error(error)}.") from error
