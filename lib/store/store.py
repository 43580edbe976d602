"""The store: a repository per aggregate, over one database."""

from typing import Self

from lib.errors import InvalidSettings
from lib.store.annotations import Annotations
from lib.store.audit import AuditLog
from lib.store.backups import Backups
from lib.store.database import Database
from lib.store.engine import HEAD, find_revision, find_sqlite_file
from lib.store.images import Images
from lib.store.incoming import Incoming
from lib.store.integrity import Integrity
from lib.store.jobs import StoredJobs
from lib.store.matrix import Matrix
from lib.store.pairs import Pairs
from lib.store.people import People
from lib.store.predictions import Predictions
from lib.store.probes import Probes
from lib.store.readiness import DatabaseCheck
from lib.store.reviews import Reviews
from lib.store.sessions import Sessions
from lib.store.sharing import Sharing
from lib.store.versions import Versions


class Store:
    """Repositories of everything that is stored. Safe to share between threads.

    `database_url` is an SQLAlchemy URL of SQLite or PostgreSQL, `images_url` a folder or any fsspec URL. Methods
    that write have committed when they return. Times are in UTC.
    """

    def __init__(self, database_url: str, images_url: str) -> None:
        self._database = Database(database_url, images_url)
        versions = Versions(self._database)
        self.sessions = Sessions(self._database)
        self.images = Images(self._database)
        self.incoming = Incoming(self._database)
        self.jobs = StoredJobs(self._database)
        self.predictions = Predictions(self._database, versions)
        self.probes = Probes(self._database, versions)
        self.annotations = Annotations(self._database, versions)
        self.reviews = Reviews(self._database, versions)
        self.matrix = Matrix(self._database, versions, self.predictions)
        self.pairs = Pairs(self._database, versions)
        self.sharing = Sharing(self._database)
        self.people = People(self._database)
        self.audit = AuditLog(self._database)
        self.backups = Backups(self._database)
        self.integrity = Integrity(self._database)
        self._check = DatabaseCheck(self._database.engine)

    @classmethod
    def open_existing(cls, database_url: str, images_url: str) -> Self:
        """Open a store of this release's schema. None is created or migrated: raises InvalidSettings instead."""
        revision = find_revision(database_url)
        if revision is None:
            file = find_sqlite_file(database_url)
            raise InvalidSettings(f"There is no database{f' at {file}' if file else ''}. {_SET_ANOTHER}")
        _check_revision(revision)
        return cls(database_url, images_url)

    @classmethod
    def open_new(cls, database_url: str, images_url: str) -> Self:
        """Open a store, or create it. Raises InvalidSettings if there is one of another schema: none is migrated."""
        _check_revision(find_revision(database_url) or HEAD)
        return cls(database_url, images_url)

    def check_database(self) -> None:
        """Raise NotReady if the database cannot be read or written now."""
        self._check.check_content()

    def check_migrations(self) -> None:
        """Raise NotReady if the database has not the tables of this release."""
        self._check.check_migrations()

    def check_images(self) -> None:
        """Raise NotReady if image files cannot be written and read now."""
        self._database.files.check()

    def close(self) -> None:
        """Close all connections to the database."""
        self._database.close()


_SET_ANOTHER = "Set SECOND_LOOK_DATA_DIR or SECOND_LOOK_DATABASE_URL."


def _check_revision(revision: str) -> None:
    if revision > HEAD:
        raise InvalidSettings(f"A newer release created the database. Use that release. {_SET_ANOTHER}")
    if revision != HEAD:
        raise InvalidSettings(
            f"An earlier release created the database (schema {revision}; this release has {HEAD}). Use that "
            "release, or start the app of this one, which migrates the database."
        )
