"""The answers of versions, and the tables of versions and labels that they lean on."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from lib.domain.images import Image
from lib.domain.predictions import Coverage, Failure, ModelVersion, Record
from lib.store import queries
from lib.store.cells import add_cells_of_record, add_cells_of_version
from lib.store.columns import SanitizedText
from lib.store.database import Database, Repository
from lib.store.engine import upsert
from lib.store.images import read_images
from lib.store.summaries import sum_up_session
from lib.store.tables import records, session_versions
from lib.store.versions import Versions

# Databases bound the values in one statement; PostgreSQL and SQLite both take many more than these.
_A_STATEMENT = 500


class Predictions(Repository):
    """What versions said of images. Ids that never change are remembered, so that a record costs few statements."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def add_versions(self, session_id: str, asked: Sequence[ModelVersion], at: datetime) -> None:
        """Keep that these versions were asked in the session: it shows what they answered, here or elsewhere, and will.

        Raises UnknownSession.
        """
        ids = [self._versions.ensure_id(version) for version in asked]
        with self._database.writing(session_id) as connection:
            for version_id in ids:
                self._add_asked(connection, session_id, version_id, at)
                its = {"its_session": session_id, "its_version": version_id, "moment": at}
                connection.execute(_ASKED_AGAIN, its)

    def add(self, record: Record) -> None:
        """Keep what a version said of an image. A failure gives way to what comes later, a prediction to nothing.

        The version counts as asked in the record's session. Raises UnknownSession.
        """
        row = {
            "sha256": record.sha256,
            "version_id": self._versions.ensure_id(record.version),
            "session_id": record.session_id,
            "requested_at": record.requested_at,
            "latency_s": record.latency_s,
            **self._versions.pack_outcome(record.outcome),
        }
        with self._database.writing(record.session_id) as connection:
            self._add_asked(connection, record.session_id, row["version_id"], record.requested_at)
            failed_before = records.c.failure.is_not(None)
            if upsert(connection, records, row, key=["sha256", "version_id"], replace_where=failed_before):
                add_cells_of_record(connection, record.sha256, row["version_id"])
                its = {"its": record.sha256, "its_version": row["version_id"]}
                connection.execute(queries.MOVE_ON_ALL_WITH, its)

    def find(
        self, sha256s: Sequence[str], wanted: Sequence[ModelVersion], *, session_id: str | None = None
    ) -> list[Record]:
        """What these versions said of these images: those of them that the session asked, or (None) in any session."""
        by_id = {self._versions.get_id(version): version for version in wanted}
        version_ids = list(by_id) if session_id is None else self._versions.find_asked_ids(session_id, by_id)
        with self._database.reading.begin() as connection:
            return [
                self._record(connection, row, by_id[row.version_id])
                for some in _chunks(sha256s)
                for row in connection.execute(queries.RECORDS, {"sha256s": some, "version_ids": version_ids})
            ]

    def find_versions(self, session_id: str) -> list[ModelVersion]:
        """Versions that were asked in the session: the family asked last first, in it most predictions first, then the
        first ever asked.
        """
        return list(self.find_coverage(session_id))

    def find_coverage(self, session_id: str) -> dict[ModelVersion, Coverage]:
        """How much of the session each of its versions answered, in the order of `find_versions`."""
        if any(is_stale for (is_stale,) in self._database.find(queries.IS_STALE, session_id=session_id)):
            with self._database.engine.begin() as connection:
                sum_up_session(connection, session_id)
        found = self._database.find(queries.SESSION_VERSIONS, session_id=session_id)
        coverage = {ModelVersion(*row[:5]): Coverage(*row[5:7]) for row in found}
        requested_at: dict[tuple[str, ...], datetime] = {}
        for version, row in zip(coverage, found, strict=True):
            family = _family_of(version)
            requested_at[family] = max(row.requested_at, requested_at.get(family, row.requested_at))
        latest_first = sorted(coverage, key=lambda version: requested_at[_family_of(version)], reverse=True)
        return {version: coverage[version] for version in latest_first}

    def has_truncated(self, version: ModelVersion) -> bool:
        """Whether the service left lower scores out of an answer of this version, in whatever session."""
        return bool(self._database.find(queries.TRUNCATED, version_id=self._versions.get_id(version)))

    def find_unpredicted(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session that this version has yet to be asked about; those that failed here are not among them.

        A version that is new to the session is not asked about what it answered elsewhere.
        """
        return read_images(
            self._database, queries.UNPREDICTED, session_id=session_id, version_id=self._versions.get_id(version)
        )

    def find_failed(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session for which asking this version failed."""
        return read_images(
            self._database, queries.FAILED, session_id=session_id, version_id=self._versions.get_id(version)
        )

    def _add_asked(self, connection: Connection, session_id: str, version_id: int, at: datetime) -> None:
        its = {"session_id": session_id, "version_id": version_id}
        if connection.execute(queries.IS_SESSION_VERSION, its).first():
            return
        # In PostgreSQL, no answer of the version may be stored between this and its cells: it would have none.
        connection.execute(queries.LOCK_VERSION, its)
        row = {**its, "requested_at": at}
        if upsert(connection, session_versions, row, key=["session_id", "version_id"]):
            add_cells_of_version(connection, session_id, version_id)
            connection.execute(queries.MOVE_ON, {"session_id": session_id})

    def _record(self, connection: Connection, row: Row[Any], version: ModelVersion) -> Record:
        return Record(
            sha256=row.sha256,
            version=version,
            session_id=row.session_id,
            requested_at=row.requested_at,
            latency_s=row.latency_s,
            outcome=Failure(row.failure) if row.scores is None else self._versions.unpack_prediction(connection, row),
        )


_ASKED_AGAIN = (
    update(session_versions)
    .where(
        session_versions.c.session_id == bindparam("its_session", type_=SanitizedText),
        session_versions.c.version_id == bindparam("its_version"),
    )
    .values(requested_at=bindparam("moment"))
)


def _family_of(version: ModelVersion) -> tuple[str, ...]:
    """What tells families apart: their name alone may occur in several services, projects and regions."""
    return (version.provider, version.model_name.rpartition("/")[0], version.family)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _A_STATEMENT] for start in range(0, len(values), _A_STATEMENT))
