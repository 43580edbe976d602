"""Predictions of versions, and which versions each session shows."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from lib.domain.images import Image
from lib.domain.predictions import Coverage, Failure, ModelVersion, Record
from lib.domain.wording import natural_order
from lib.store import queries
from lib.store.cells import add_cells_of_record, add_cells_of_version
from lib.store.columns import SanitizedText
from lib.store.database import Database, Repository
from lib.store.engine import upsert
from lib.store.images import read_images
from lib.store.locks import lock_images, lock_session
from lib.store.summaries import renew_counts
from lib.store.tables import records, session_versions
from lib.store.versions import Versions

# Databases bound the values in one statement; PostgreSQL and SQLite both take many more than these.
_VALUES_PER_STATEMENT = 500


class Predictions(Repository):
    """Records by image and version, and the versions of sessions."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def add_versions(self, session_id: str, requested: Sequence[ModelVersion], at: datetime) -> None:
        """Add versions to the session, which shows their predictions from now on, also those stored before.

        Those that are added at once are numbered in the order of their names. Raises UnknownSession.
        """
        ordered = sorted(requested, key=lambda version: natural_order(version.version))
        ids = [self._versions.ensure_id(version) for version in ordered]
        with self._database.writing(session_id) as connection:
            lock_session(connection, session_id)
            for version_id in ids:
                self._add_version(connection, session_id, version_id, at)
                its = {"its_session": session_id, "its_version": version_id, "moment": at}
                connection.execute(_REQUESTED_AGAIN, its)

    def add(self, record: Record) -> None:
        """Store a record, and add its version to its session. A failure is replaced, a prediction never.

        Raises UnknownSession.
        """
        row = {
            "sha256": record.sha256,
            "version_id": self._versions.ensure_id(record.version),
            "session_id": record.session_id,
            "requested_at": record.requested_at,
            "latency_s": record.latency_s,
            **self._versions.pack_outcome(record.outcome),
        }
        self._ensure_shown(record)
        with self._database.writing(record.session_id) as connection:
            lock_images(connection, record.session_id, [record.sha256])
            failed_before = records.c.failure.is_not(None)
            if upsert(connection, records, row, key=["sha256", "version_id"], replace_where=failed_before):
                add_cells_of_record(connection, record.sha256, row["version_id"])
                its = {"its": record.sha256, "its_version": row["version_id"]}
                connection.execute(queries.MOVE_ON_ALL_WITH, its)

    def find(
        self, sha256s: Sequence[str], wanted: Sequence[ModelVersion], *, session_id: str | None = None
    ) -> list[Record]:
        """Return records of these versions and images; with `session_id`, only of versions that the session shows."""
        by_id = {self._versions.get_id(version): version for version in wanted}
        version_ids = list(by_id) if session_id is None else self._versions.find_shown_ids(session_id, by_id)
        with self._database.reading.begin() as connection:
            return [
                self._record(connection, row, by_id[row.version_id])
                for some in _chunks(sha256s)
                for row in connection.execute(queries.RECORDS, {"sha256s": some, "version_ids": version_ids})
            ]

    def find_versions(self, session_id: str) -> list[ModelVersion]:
        """Return the versions of the session: the family requested last first; within a family, those with most
        predictions first, then those added first.
        """
        return list(self.find_coverage(session_id))

    def find_coverage(self, session_id: str) -> dict[ModelVersion, Coverage]:
        """Return predictions and failures of each version of the session, in the order of `find_versions`."""
        if any(is_stale for (is_stale,) in self._database.find(queries.IS_STALE, session_id=session_id)):
            renew_counts(self._database, session_id)
        found = self._database.find(queries.SESSION_VERSIONS, session_id=session_id)
        coverage = {ModelVersion(*row[:5]): Coverage(*row[5:7]) for row in found}
        requested_at: dict[tuple[str, ...], datetime] = {}
        for version, row in zip(coverage, found, strict=True):
            family = _family_of(version)
            requested_at[family] = max(row.requested_at, requested_at.get(family, row.requested_at))
        latest_first = sorted(coverage, key=lambda version: requested_at[_family_of(version)], reverse=True)
        return {version: coverage[version] for version in latest_first}

    def find_numbers(self, session_id: str) -> dict[ModelVersion, int]:
        """Return the number of each version of the session, from 0, in the order in which it first requested them."""
        found = self._database.find(queries.SESSION_VERSIONS, session_id=session_id)
        return {ModelVersion(*row[:5]): row.number for row in found}

    def find_latest_family(self, session_id: str) -> list[ModelVersion]:
        """Return the versions of the family requested last, in the order in which the session first requested them."""
        recorded = self.find_versions(session_id)
        numbers = self.find_numbers(session_id)
        family = [version for version in recorded if _family_of(version) == _family_of(recorded[0])]
        return sorted(family, key=numbers.__getitem__)

    def find_declared(self, session_id: str) -> list[ModelVersion]:
        """Return the versions that were added before labeling began, in the order of `find_versions`."""
        declared = {version_id for (version_id,) in self._database.find(queries.DECLARED_IDS, session_id=session_id)}
        return [version for version in self.find_versions(session_id) if self._versions.get_id(version) in declared]

    def has_truncated(self, version: ModelVersion) -> bool:
        """Return whether the provider left out lower scores of any prediction of this version, in any session."""
        return bool(self._database.find(queries.TRUNCATED, version_id=self._versions.get_id(version)))

    def find_unpredicted(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Return images of the session that this version still has to predict, without those that failed here.

        Images that the version predicted in another session are not among them.
        """
        return read_images(
            self._database, queries.UNPREDICTED, session_id=session_id, version_id=self._versions.get_id(version)
        )

    def find_failed(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Return images of the session for which this version failed."""
        return read_images(
            self._database, queries.FAILED, session_id=session_id, version_id=self._versions.get_id(version)
        )

    def _ensure_shown(self, record: Record) -> None:
        """Add the version of a record to its session, before the record: their locks are taken in another order."""
        its = {"session_id": record.session_id, "version_id": self._versions.get_id(record.version)}
        if not self._database.find(queries.IS_SESSION_VERSION, **its):
            self.add_versions(record.session_id, [record.version], record.requested_at)

    def _add_version(self, connection: Connection, session_id: str, version_id: int, at: datetime) -> None:
        its = {"session_id": session_id, "version_id": version_id}
        if connection.execute(queries.IS_SESSION_VERSION, its).first():
            return
        # In PostgreSQL, a prediction of the version that is stored between this and its cells would have no cell.
        connection.execute(queries.LOCK_VERSION, its)
        has_labels = connection.execute(queries.HAS_LABELS, its).scalar()
        number = connection.execute(queries.VERSION_COUNT, its).scalar()
        row = {**its, "requested_at": at, "is_declared": not has_labels, "number": number}
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


_REQUESTED_AGAIN = (
    update(session_versions)
    .where(
        session_versions.c.session_id == bindparam("its_session", type_=SanitizedText),
        session_versions.c.version_id == bindparam("its_version"),
    )
    .values(requested_at=bindparam("moment"))
)


def _family_of(version: ModelVersion) -> tuple[str, ...]:
    """Return what identifies a family: its name alone may occur in several providers, projects and regions."""
    return (version.provider, version.model_name.rpartition("/")[0], version.family)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _VALUES_PER_STATEMENT] for start in range(0, len(values), _VALUES_PER_STATEMENT))
