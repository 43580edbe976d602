"""What versions said of images that were altered on purpose. Nothing here counts as a session's prediction."""

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
_TRIALS = select(probe_results).where(
    probe_results.c.session_id == bindparam("session_id"),
    probe_results.c.sha256.in_(bindparam("sha256s", expanding=True)),
    probe_results.c.version_id.in_(bindparam("version_ids", expanding=True)),
)


class Probes(Repository):
    """Answers about altered images, kept with the session for which they were asked."""

    def __init__(self, database: Database, versions: Versions) -> None:
        super().__init__(database)
        self._versions = versions

    def add(self, trial: ProbeResult) -> None:
        """Keep an answer about an altered image, in place of an earlier one. Raises UnknownSession."""
        outcome = self._versions.pack_outcome(trial.outcome)
        row = {
            "session_id": trial.session_id,
            "sha256": trial.sha256,
            "version_id": self._versions.ensure_id(trial.version),
            "perturbation": trial.perturbation,
            "requested_at": trial.requested_at,
            "latency_s": trial.latency_s,
            **{name: outcome[name] for name in ("label_set_id", "scores", "failure")},
        }
        with self._database.writing(trial.session_id) as connection:
            upsert(
                connection, probe_results, row, key=_KEY, replace_where=probe_results.c.session_id == trial.session_id
            )

    def find(self, session_id: str, sha256s: Sequence[str], wanted: Sequence[ModelVersion]) -> list[ProbeResult]:
        """What these versions said of these images of the session, altered in whatever way."""
        by_id = {self._versions.get_id(version): version for version in wanted}
        values = {"session_id": session_id, "sha256s": list(sha256s), "version_ids": list(by_id)}
        with self._database.reading.begin() as connection:
            rows = connection.execute(_TRIALS, values).all()
            return [self._trial(connection, row, by_id[row.version_id]) for row in rows]

    def find_images_answered_by_all(self, session_id: str, wanted: Sequence[ModelVersion]) -> list[Image]:
        """Images of the session for which every one of these versions has a prediction, in the order they came; none
        where the session did not ask them all.
        """
        wanted_ids = [self._versions.get_id(version) for version in wanted]
        if self._versions.find_asked_ids(session_id, wanted_ids) != wanted_ids:
            return []
        statement = queries.ALL_IMAGES
        for version_id in wanted_ids:
            mine = (records.c.sha256 == session_images.c.sha256, records.c.version_id == version_id)
            statement = statement.where(exists().where(*mine, records.c.scores.is_not(None)))
        return read_images(self._database, statement, session_id=session_id)

    def _trial(self, connection: Connection, row: Row[Any], version: ModelVersion) -> ProbeResult:
        return ProbeResult(
            session_id=row.session_id,
            sha256=row.sha256,
            version=version,
            perturbation=row.perturbation,
            requested_at=row.requested_at,
            latency_s=row.latency_s,
            outcome=Failure(row.failure) if row.scores is None else self._versions.unpack_prediction(connection, row),
        )
