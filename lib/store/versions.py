"""Ids of versions and label sets, and predictions as columns."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select

from lib.domain.predictions import Failure, ModelVersion, Prediction
from lib.store import queries
from lib.store.database import Database, Repository
from lib.store.engine import upsert
from lib.store.packing import PackedScores, pack, sum_up, unpack
from lib.store.tables import label_sets, versions

_NO_VERSION = -1


class Versions(Repository):
    """Ids of versions and label sets. They never change, so they are cached and a record needs few statements."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._version_ids: dict[ModelVersion, int] = {}
        self._label_set_ids: dict[tuple[str, ...], int] = {}
        self._label_sets: dict[int, tuple[str, ...]] = {}
        self._label_positions: dict[int, dict[str, list[int]]] = {}

    def find_shown_ids(self, session_id: str, version_ids: Iterable[int]) -> list[int]:
        """Return those of the versions that the session shows, in the order given."""
        shown = {id_ for (id_,) in self._database.find(queries.SESSION_VERSION_IDS, session_id=session_id)}
        return [id_ for id_ in version_ids if id_ in shown]

    def get_id(self, version: ModelVersion) -> int:
        """Return the id of the version; an id without records if the version is not stored."""
        if version not in self._version_ids:
            with self._database.reading.begin() as connection:
                found = connection.execute(queries.VERSION_ID, _key(version)).scalar()
            if found is None:
                return _NO_VERSION
            self._version_ids[version] = found
        return self._version_ids[version]

    def ensure_id(self, version: ModelVersion) -> int:
        """Return the id of the version, which is added if it is new."""
        if version not in self._version_ids:
            key = _key(version)
            row = {**key, "family": version.family, "version": version.version}
            with self._database.engine.begin() as connection:
                upsert(connection, versions, row, key=list(key))
        return self.get_id(version)

    def pack_outcome(self, outcome: Prediction | Failure) -> dict[str, Any]:
        """Return the columns of `records` that hold the outcome."""
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
            "truncated": outcome.truncated,
        }

    def _ensure_labels(self, packed: PackedScores) -> int:
        if packed.labels not in self._label_set_ids:
            digest = packed.digest
            with self._database.engine.begin() as connection:
                upsert(connection, label_sets, {"digest": digest, "labels": list(packed.labels)}, key=["digest"])
                found = connection.execute(select(label_sets.c.id).where(label_sets.c.digest == digest)).scalar_one()
            self._label_set_ids[packed.labels] = found
        return self._label_set_ids[packed.labels]

    def unpack_prediction(self, connection: Connection, row: Row[Any]) -> Prediction:
        """Return the prediction that a row of `records` or `probe_results` holds."""
        # Probe results do not record whether scores are truncated.
        truncated = getattr(row, "truncated", False)
        return unpack(PackedScores(self.get_labels(connection, row.label_set_id), row.scores), truncated=truncated)

    def get_labels(self, connection: Connection, label_set_id: int) -> tuple[str, ...]:
        """Return the labels of a label set, in the order of its scores."""
        if label_set_id not in self._label_sets:
            statement = select(label_sets.c.labels).where(label_sets.c.id == label_set_id)
            self._label_sets[label_set_id] = tuple(connection.execute(statement).scalar_one())
        return self._label_sets[label_set_id]

    def get_label_positions(self, connection: Connection, label_set_id: int) -> dict[str, list[int]]:
        """Return the indexes of each label in the scores; a model may have a label twice."""
        if label_set_id not in self._label_positions:
            positions: dict[str, list[int]] = {}
            for position, label in enumerate(self.get_labels(connection, label_set_id)):
                positions.setdefault(label, []).append(position)
            self._label_positions[label_set_id] = positions
        return self._label_positions[label_set_id]


_NO_SCORES = {
    **dict.fromkeys(("label_set_id", "scores", "top_label", "top_score", "margin", "total", "squares")),
    "truncated": False,
}


def _key(version: ModelVersion) -> dict[str, str]:
    return {"provider": version.provider, "model_name": version.model_name, "etag": version.etag}
