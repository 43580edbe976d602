"""Whether what is stored is whole: the database, its references, and the image files. Nothing is changed.

Checks run while the app writes: image files that seem to be at fault are looked at again at the end.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, ForeignKeyConstraint, and_, exists, func, select
from sqlalchemy.exc import SQLAlchemyError

from lib.errors import StorageUnavailable, StoreUnreadable
from lib.store.backup_rows import find_pieces
from lib.store.database import Repository
from lib.store.engine import describe_error, snapshot
from lib.store.image_files import FOLDERS
from lib.store.tables import METADATA, images

_AFTER_HEXADECIMAL = "g"


class FaultKind(Enum):
    """What is wrong with an image file."""

    MISSING = "missing"
    CHANGED = "changed"
    ORPHAN = "without an image in the database"


@dataclass(frozen=True, slots=True)
class ImageFault:
    """A file of the image store that is at fault: an image by its SHA-256, or a thumbnail, which ends with .webp."""

    kind: FaultKind
    name: str


class Integrity(Repository):
    """Checks of everything that is stored. All raise StoreUnreadable if they cannot be completed."""

    def find_damage(self) -> list[str]:
        """Return what is wrong with the database's files. PostgreSQL has no such check: all rows are read instead."""
        with _translating_errors(), snapshot(self._database.engine).begin() as connection:
            if connection.dialect.name == "sqlite":
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                return [line for text in found for line in text.splitlines() if line != "ok"]
            for table in METADATA.sorted_tables:
                for _ in find_pieces(connection, table):
                    pass
            return []

    def find_broken_references(self) -> list[str]:
        """Return pairs of tables of which the first refers to missing rows of the second, with the number of rows."""
        with _translating_errors(), snapshot(self._database.engine).begin() as connection:
            references = [each for table in METADATA.sorted_tables for each in table.foreign_key_constraints]
            counts = {each: _count_broken(connection, each) for each in references}
        return sorted(
            f"{each.table.name} to {each.referred_table.name}: {count:,}" for each, count in counts.items() if count
        )

    def count_images(self) -> int:
        """Return the number of images in the database."""
        with _translating_errors():
            return self._database.count(select(func.count()).select_from(images))

    def find_image_faults(self) -> list[ImageFault]:
        """Read all image files, and return those at fault in the order of their names."""
        with _translating_errors():
            first = {folder: faults for folder in FOLDERS if (faults := self._find_faults(folder))}
            again = [fault for folder, faults in first.items() for fault in faults & self._find_faults(folder)]
        return sorted(again, key=lambda fault: fault.name)

    def _find_faults(self, folder: str) -> set[ImageFault]:
        # Files first: an image has its files before its row.
        names = set(self._database.files.find_names(folder))
        its = (images.c.sha256 >= folder, images.c.sha256 < folder + _AFTER_HEXADECIMAL)
        sha256s = {sha256 for (sha256,) in self._database.find(select(images.c.sha256).where(*its))}
        wanted = sha256s | {f"{sha256}.webp" for sha256 in sha256s}
        return {
            *(ImageFault(FaultKind.MISSING, name) for name in wanted - names),
            *(ImageFault(FaultKind.ORPHAN, name) for name in names - wanted),
            *(ImageFault(FaultKind.CHANGED, sha256) for sha256 in self._find_changed(sha256s & names)),
        }

    def _find_changed(self, sha256s: set[str]) -> Iterator[str]:
        for sha256, content in self._database.files.find_contents(sha256s):
            if content is not None and hashlib.sha256(content).hexdigest() != sha256:
                yield sha256


def _count_broken(connection: Connection, reference: ForeignKeyConstraint) -> int:
    # An alias, for a table that refers to itself.
    referred = reference.referred_table.alias()
    pairs = [(each.parent, referred.c[each.column.name]) for each in reference.elements]
    is_set = and_(*(own.is_not(None) for own, _ in pairs))
    is_there = exists().where(*(own == other for own, other in pairs))
    count = select(func.count()).select_from(reference.table).where(is_set, ~is_there)
    return connection.execute(count).scalar_one()


@contextmanager
def _translating_errors() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, StorageUnavailable, OSError) as error:
        raise StoreUnreadable(f"cannot be read: {describe_error(error)}") from error
