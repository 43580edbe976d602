"""Predictions for perturbed images. They never count as predictions of a session."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select

from lib.domain.images import Image
from lib.domain.predictions import Failure, ModelVersion, ProbeResult
from lib.store import queries
from lib.store.database import Database, Repository
from lib.store.engine import upsert
from lib.store.images import read_images
from lib.store.tables import probe_results, records, session_images
from lib.store.versions import Versions

_KEY = ("session_id", "sha256", "version_id", "perturbation")
_PROBE_RESULTS = select(probe_results).where(
    probe_results.c.session_id == bindparam("session_id"),
    probe_results.c.sha256.in_(bindparam("sha256s", expanding=True)),
    probe_results.c.version_id.in_(bindparam("version_ids", expanding=True)),
)


class Probes(Repository):
    """Probe results, by the session for which they were requested."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def add(self, result: ProbeResult) -> None:
        """Store a probe result, in place of an earlier one. Raises UnknownSession."""
        outcome = self._versions.pack_outcome(result.outcome)
        row = {
            "session_id": result.session_id,
            "sha256": result.sha256,
            "version_id": self._versions.ensure_id(result.version),
            "perturbation": result.perturbation,
            "requested_at": result.requested_at,
            "latency_s": result.latency_s,
            **{name: outcome[name] for name in ("label_set_id", "scores", "failure")},
        }
        with self._database.writing(result.session_id) as connection:
            upsert(
                connection, probe_results, row, key=_KEY, replace_where=probe_results.c.session_id == result.session_id
            )

    def find(self, session_id: str, sha256s: Sequence[str], wanted: Sequence[ModelVersion]) -> list[ProbeResult]:
        """Return the results of these versions for these images of the session, for all perturbations."""
        by_id = {self._versions.get_id(version): version for version in wanted}
        values = {"session_id": session_id, "sha256s": list(sha256s), "version_ids": list(by_id)}
        with self._database.reading.begin() as connection:
            rows = connection.execute(_PROBE_RESULTS, values).all()
            return [self._probe_result(connection, row, by_id[row.version_id]) for row in rows]

    def find_images_predicted_by_all(self, session_id: str, wanted: Sequence[ModelVersion]) -> list[Image]:
        """Return images of the session that all these versions predicted, in the order added; none unless the session
        shows all these versions.
        """
        wanted_ids = [self._versions.get_id(version) for version in wanted]
        if self._versions.find_shown_ids(session_id, wanted_ids) != wanted_ids:
            return []
        statement = queries.ALL_IMAGES
        for version_id in wanted_ids:
            mine = (records.c.sha256 == session_images.c.sha256, records.c.version_id == version_id)
            statement = statement.where(exists().where(*mine, records.c.scores.is_not(None)))
        return read_images(self._database, statement, session_id=session_id)

    def _probe_result(self, connection: Connection, row: Row[Any], version: ModelVersion) -> ProbeResult:
        return ProbeResult(
            session_id=row.session_id,
            sha256=row.sha256,
            version=version,
            perturbation=row.perturbation,
            requested_at=row.requested_at,
            latency_s=row.latency_s,
            outcome=Failure(row.failure) if row.scores is None else self._versions.unpack_prediction(connection, row),
        )
