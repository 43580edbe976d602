"""The answers of versions, and the tables of versions and labels that they lean on."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from lib.domain.image import Image
from lib.domain.prediction import Coverage, Failure, ModelVersion, Prediction, Record
from lib.store import queries
from lib.store.cells import add_cells_of_record
from lib.store.engine import upsert
from lib.store.images import Images
from lib.store.packing import PackedScores, pack, sum_up, unpack
from lib.store.summaries import sum_up_session
from lib.store.tables import label_sets, records, versions

# Databases bound the values in one statement; PostgreSQL and SQLite both take many more than these.
_A_STATEMENT = 500
_NEVER_ASKED = -1


class Records(Images):
    """What versions said of images. Ids that never change are remembered, so that a record costs few statements."""

    def __init__(self, database_url: str, images_url: str) -> None:
        super().__init__(database_url, images_url)
        self._version_ids: dict[ModelVersion, int] = {}
        self._label_set_ids: dict[tuple[str, ...], int] = {}
        self._label_sets: dict[int, tuple[str, ...]] = {}
        self._label_places: dict[int, dict[str, list[int]]] = {}

    def add_record(self, record: Record) -> None:
        """Keep what a version said of an image. A failure gives way to what comes later, a prediction to nothing.

        Raises UnknownSession.
        """
        row = {
            "sha256": record.sha256,
            "version_id": self._ensure_version(record.version),
            "session_id": record.session_id,
            "asked_at": record.asked_at,
            "latency_s": record.latency_s,
            **self._outcome_columns(record.outcome),
        }
        with self._writing(record.session_id) as connection:
            failed_before = records.c.failure.is_not(None)
            if upsert(connection, records, row, key=["sha256", "version_id"], replace_where=failed_before):
                add_cells_of_record(connection, record.sha256, row["version_id"])
                connection.execute(queries.MOVE_ON_ALL_WITH, {"its": record.sha256})

    def find_records(self, sha256s: Sequence[str], wanted: Sequence[ModelVersion]) -> list[Record]:
        """What these versions said of these images, in any session."""
        by_id = {self._version_id(version): version for version in wanted}
        version_ids = list(by_id)
        with self._reading.begin() as connection:
            return [
                self._record(connection, row, by_id[row.version_id])
                for some in _chunks(sha256s)
                for row in connection.execute(queries.RECORDS, {"sha256s": some, "version_ids": version_ids})
            ]

    def find_versions(self, session_id: str) -> list[ModelVersion]:
        """Versions that were asked about the session's images: most predictions first, then the first ever asked."""
        return list(self.find_coverage(session_id))

    def find_coverage(self, session_id: str) -> dict[ModelVersion, Coverage]:
        """How much of the session each of its versions answered, in the order of `find_versions`."""
        if any(is_stale for (is_stale,) in self._find(queries.IS_STALE, session_id=session_id)):
            with self._engine.begin() as connection:
                sum_up_session(connection, session_id)
        found = self._find(queries.ASKED_VERSIONS, session_id=session_id)
        return {ModelVersion(*row[:5]): Coverage(*row[5:]) for row in found}

    def has_cut_answers(self, version: ModelVersion) -> bool:
        """Whether the service left lower scores out of an answer of this version, in whatever session."""
        return bool(self._find(queries.CUT_ANSWER, version_id=self._version_id(version)))

    def find_unanswered(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session that this version was never asked about."""
        return self._find_images(queries.UNANSWERED, session_id=session_id, version_id=self._version_id(version))

    def find_failed(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session for which asking this version failed."""
        return self._find_images(queries.FAILED, session_id=session_id, version_id=self._version_id(version))

    def _version_id(self, version: ModelVersion) -> int:
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
        return self._version_id(version)

    def _outcome_columns(self, outcome: Prediction | Failure) -> dict[str, Any]:
        if isinstance(outcome, Failure):
            return {**_NO_SCORES, "failure": outcome.message}
        packed = pack(outcome)
        short = sum_up(packed)
        return {
            "failure": None,
            "label_set_id": self._ensure_labels(packed),
            "scores": packed.scores,
            "top_label": short.label,
            "top_score": short.score,
            "margin": short.margin,
            "total": short.total,
            "squares": short.squares,
            "cut": outcome.cut,
        }

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
        # Answers about altered images do not say whether they are whole.
        cut = getattr(row, "cut", False)
        return unpack(PackedScores(self._labels(connection, row.label_set_id), row.scores), cut=cut)

    def _labels(self, connection: Connection, label_set_id: int) -> tuple[str, ...]:
        if label_set_id not in self._label_sets:
            statement = select(label_sets.c.labels).where(label_sets.c.id == label_set_id)
            self._label_sets[label_set_id] = tuple(connection.execute(statement).scalar_one())
        return self._label_sets[label_set_id]

    def _places_of(self, connection: Connection, label_set_id: int) -> dict[str, list[int]]:
        """Where each label stands in the rows of scores; a model may have a label twice."""
        if label_set_id not in self._label_places:
            places: dict[str, list[int]] = {}
            for place, label in enumerate(self._labels(connection, label_set_id)):
                places.setdefault(label, []).append(place)
            self._label_places[label_set_id] = places
        return self._label_places[label_set_id]


_NO_SCORES = {
    **dict.fromkeys(("label_set_id", "scores", "top_label", "top_score", "margin", "total", "squares")),
    "cut": False,
}


def _key(version: ModelVersion) -> dict[str, str]:
    return {"service": version.service, "model_name": version.model_name, "etag": version.etag}


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _A_STATEMENT] for start in range(0, len(values), _A_STATEMENT))
