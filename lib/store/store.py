"""The store: a repository per aggregate, over one database."""

from lib.store.annotations import Annotations
from lib.store.audit import AuditLog
from lib.store.database import Database
from lib.store.images import Images
from lib.store.incoming import Incoming
from lib.store.jobs import StoredJobs
from lib.store.matrix import Matrix
from lib.store.pairs import Pairs
from lib.store.people import People
from lib.store.predictions import Predictions
from lib.store.probes import Probes
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

    def close(self) -> None:
        """Close all connections to the database."""
        self._database.close()
