"""The table of records, and the tables of versions and labels that it leans on."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from lib.domain.prediction import Failure, ModelVersion, Prediction, Record
from lib.store import queries
from lib.store.engine import reading, upsert
from lib.store.packing import PackedScores, pack, unpack
from lib.store.tables import label_sets, records, versions

# Databases bound the values in one statement; PostgreSQL and SQLite both take many more than these.
_A_STATEMENT = 500
_NEVER_ASKED = -1


class Records:
    """What versions said of images. Ids that never change are remembered, so that a record costs one statement."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)
        self._version_ids: dict[ModelVersion, int] = {}
        self._label_set_ids: dict[tuple[str, ...], int] = {}
        self._label_sets: dict[int, tuple[str, ...]] = {}

    def add(self, record: Record) -> None:
        """Keep a record; a failure gives way to what comes later, a prediction to nothing."""
        row = {
            "sha256": record.sha256,
            "version_id": self._ensure_version(record.version),
            "session_id": record.session_id,
            "asked_at": record.asked_at,
            "latency_s": record.latency_s,
            **self._outcome_columns(record.outcome),
        }
        with self._engine.begin() as connection:
            failed_before = records.c.failure.is_not(None)
            upsert(connection, records, row, key=["sha256", "version_id"], replace_where=failed_before)

    def find(self, sha256s: Sequence[str], wanted: Sequence[ModelVersion]) -> list[Record]:
        """What these versions said of these images."""
        by_id = {self.version_id(version): version for version in wanted}
        version_ids = list(by_id)
        with self._reading.begin() as connection:
            return [
                self._record(connection, row, by_id[row.version_id])
                for some in _chunks(sha256s)
                for row in connection.execute(queries.RECORDS, {"sha256s": some, "version_ids": version_ids})
            ]

    def find_versions(self, session_id: str) -> list[ModelVersion]:
        """Versions that said something of the session's images: most predictions first, then the first to be asked."""
        with self._reading.begin() as connection:
            rows = connection.execute(queries.ASKED_VERSIONS, {"session_id": session_id})
            return [ModelVersion(*row) for row in rows]

    def version_id(self, version: ModelVersion) -> int:
        """The version's number in the database; one that no record has, where it was never asked."""
        if version not in self._version_ids:
            with self._reading.begin() as connection:
                found = connection.execute(queries.VERSION_ID, _key(version)).scalar()
            if found is None:
                return _NEVER_ASKED
            self._version_ids[version] = found
        return self._version_ids[version]

    def _ensure_version(self, version: ModelVersion) -> int:
        if version not in self._version_ids:
            key = _key(version)
            row = {**key, "family": version.family, "version": version.version}
            with self._engine.begin() as connection:
                upsert(connection, versions, row, key=list(key))
        return self.version_id(version)

    def _outcome_columns(self, outcome: Prediction | Failure) -> dict[str, Any]:
        if isinstance(outcome, Failure):
            return {"failure": outcome.message, "label_set_id": None, "scores": None}
        packed = pack(outcome)
        return {"failure": None, "label_set_id": self._ensure_labels(packed), "scores": packed.scores}

    def _ensure_labels(self, packed: PackedScores) -> int:
        if packed.labels not in self._label_set_ids:
            digest = packed.digest
            with self._engine.begin() as connection:
                upsert(connection, label_sets, {"digest": digest, "labels": list(packed.labels)}, key=["digest"])
                found = connection.execute(select(label_sets.c.id).where(label_sets.c.digest == digest)).scalar_one()
            self._label_set_ids[packed.labels] = found
        return self._label_set_ids[packed.labels]

    def _record(self, connection: Connection, row: Row[Any], version: ModelVersion) -> Record:
        return Record(
            sha256=row.sha256,
            version=version,
            session_id=row.session_id,
            asked_at=row.asked_at,
            latency_s=row.latency_s,
            outcome=Failure(row.failure) if row.scores is None else self._prediction(connection, row),
        )

    def _prediction(self, connection: Connection, row: Row[Any]) -> Prediction:
        labels = self._label_sets.get(row.label_set_id)
        if labels is None:
            statement = select(label_sets.c.labels).where(label_sets.c.id == row.label_set_id)
            labels = self._label_sets[row.label_set_id] = tuple(connection.execute(statement).scalar_one())
        return unpack(PackedScores(labels, row.scores))


def _key(version: ModelVersion) -> dict[str, str]:
    return {"service": version.service, "model_name": version.model_name, "etag": version.etag}


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _A_STATEMENT] for start in range(0, len(values), _A_STATEMENT))
