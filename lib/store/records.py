"""The answers of versions, and the tables of versions and labels that they lean on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from lib.domain.images import Image
from lib.domain.predictions import Coverage, Failure, ModelVersion, Prediction, Record
from lib.store import queries
from lib.store.cells import add_cells_of_record, add_cells_of_version
from lib.store.column_types import Words
from lib.store.engine import upsert
from lib.store.images import Images
from lib.store.packing import PackedScores, pack, sum_up, unpack
from lib.store.summaries import sum_up_session
from lib.store.tables import label_sets, records, session_asked, versions

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

    def add_asked(self, session_id: str, asked: Sequence[ModelVersion], at: datetime) -> None:
        """Keep that these versions were asked in the session: it shows what they answered, here or elsewhere, and will.

        Raises UnknownSession.
        """
        ids = [self._ensure_version(version) for version in asked]
        with self._writing(session_id) as connection:
            for version_id in ids:
                self._add_asked(connection, session_id, version_id, at)
                its = {"its_session": session_id, "its_version": version_id, "moment": at}
                connection.execute(_ASKED_AGAIN, its)

    def add_record(self, record: Record) -> None:
        """Keep what a version said of an image. A failure gives way to what comes later, a prediction to nothing.

        The version counts as asked in the record's session. Raises UnknownSession.
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
            self._add_asked(connection, record.session_id, row["version_id"], record.asked_at)
            failed_before = records.c.failure.is_not(None)
            if upsert(connection, records, row, key=["sha256", "version_id"], replace_where=failed_before):
                add_cells_of_record(connection, record.sha256, row["version_id"])
                its = {"its": record.sha256, "its_version": row["version_id"]}
                connection.execute(queries.MOVE_ON_ALL_WITH, its)

    def find_records(
        self, sha256s: Sequence[str], wanted: Sequence[ModelVersion], *, session_id: str | None = None
    ) -> list[Record]:
        """What these versions said of these images: those of them that the session asked, or (None) in any session."""
        by_id = {self._version_id(version): version for version in wanted}
        version_ids = list(by_id) if session_id is None else self._find_asked_ids(session_id, by_id)
        with self._reading.begin() as connection:
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
        if any(is_stale for (is_stale,) in self._find(queries.IS_STALE, session_id=session_id)):
            with self._engine.begin() as connection:
                sum_up_session(connection, session_id)
        found = self._find(queries.ASKED_VERSIONS, session_id=session_id)
        coverage = {ModelVersion(*row[:5]): Coverage(*row[5:7]) for row in found}
        asked_at: dict[tuple[str, ...], datetime] = {}
        for version, row in zip(coverage, found, strict=True):
            family = _family_of(version)
            asked_at[family] = max(row.asked_at, asked_at.get(family, row.asked_at))
        latest_first = sorted(coverage, key=lambda version: asked_at[_family_of(version)], reverse=True)
        return {version: coverage[version] for version in latest_first}

    def has_cut_answers(self, version: ModelVersion) -> bool:
        """Whether the service left lower scores out of an answer of this version, in whatever session."""
        return bool(self._find(queries.CUT_ANSWER, version_id=self._version_id(version)))

    def find_unanswered(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session that this version has yet to be asked about; those that failed here are not among them.

        A version that is new to the session is not asked about what it answered elsewhere.
        """
        return self._find_images(queries.UNANSWERED, session_id=session_id, version_id=self._version_id(version))

    def find_failed(self, session_id: str, version: ModelVersion) -> list[Image]:
        """Images of the session for which asking this version failed."""
        return self._find_images(queries.FAILED, session_id=session_id, version_id=self._version_id(version))

    def _find_asked_ids(self, session_id: str, version_ids: Iterable[int]) -> list[int]:
        """Those of the versions that were asked in the session, in the order given."""
        asked = {id_ for (id_,) in self._find(queries.ASKED_IDS, session_id=session_id)}
        return [id_ for id_ in version_ids if id_ in asked]

    def _add_asked(self, connection: Connection, session_id: str, version_id: int, at: datetime) -> None:
        its = {"session_id": session_id, "version_id": version_id}
        if connection.execute(queries.IS_ASKED, its).first():
            return
        # In PostgreSQL, no answer of the version may be stored between this and its cells: it would have none.
        connection.execute(queries.LOCK_VERSION, its)
        row = {**its, "asked_at": at}
        if upsert(connection, session_asked, row, key=["session_id", "version_id"]):
            add_cells_of_version(connection, session_id, version_id)
            connection.execute(queries.MOVE_ON, {"session_id": session_id})

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


_ASKED_AGAIN = (
    update(session_asked)
    .where(
        session_asked.c.session_id == bindparam("its_session", type_=Words),
        session_asked.c.version_id == bindparam("its_version"),
    )
    .values(asked_at=bindparam("moment"))
)


def _family_of(version: ModelVersion) -> tuple[str, ...]:
    """What tells families apart: their name alone may occur in several services, projects and regions."""
    return (version.provider, version.model_name.rpartition("/")[0], version.family)


def _key(version: ModelVersion) -> dict[str, str]:
    return {"service": version.provider, "model_name": version.model_name, "etag": version.etag}


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _A_STATEMENT] for start in range(0, len(values), _A_STATEMENT))
