"""The labels known to be right, set by people."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from lib.domain.prediction import ModelVersion
from lib.store import queries
from lib.store.cells import renew_rows
from lib.store.records import Records
from lib.store.tables import Words, label_sets, records, session_images


class Truths(Records):
    """What images really show, in each session for itself."""

    def set_truths(self, session_id: str, sha256s: Sequence[str], label: str | None, by: str, at: datetime) -> None:
        """Say what these images of the session show; None takes back what was said."""
        values = {"its_session": session_id, "label": label, "who": by, "moment": at}
        with self._engine.begin() as connection:
            connection.execute(_SET_TRUTH, [{**values, "its_sha256": sha256} for sha256 in sha256s])
            renew_rows(connection, session_id, sha256s)
            connection.execute(queries.MOVE_ON, {"session_id": session_id})

    def get_truth(self, session_id: str, sha256: str) -> str | None:
        """The label known to be right for an image of the session; None where it is not known."""
        mine = (session_images.c.session_id == session_id, session_images.c.sha256 == sha256)
        return next((truth for (truth,) in self._find(select(session_images.c.truth).where(*mine))), None)

    def find_labels(self, session_id: str, versions: Sequence[ModelVersion]) -> list[str]:
        """Labels to choose a truth from: those set in the session, the most frequent first, then the versions' own."""
        used = [label for (label,) in self._find(_USED_LABELS, session_id=session_id)]
        known = (
            label
            for version in versions
            for (labels,) in self._find(_KNOWN_LABELS, session_id=session_id, version_id=self._version_id(version))
            for label in labels
        )
        return list(dict.fromkeys([*used, *known]))


_SET_TRUTH = (
    update(session_images)
    .where(
        session_images.c.session_id == bindparam("its_session", type_=Words),
        session_images.c.sha256 == bindparam("its_sha256"),
    )
    .values(truth=bindparam("label"), truth_by=bindparam("who"), truth_at=bindparam("moment"))
)

_THIS_SESSION = session_images.c.session_id == bindparam("session_id", type_=Words)
_USED_LABELS = (
    select(session_images.c.truth)
    .where(_THIS_SESSION, session_images.c.truth.is_not(None))
    .group_by(session_images.c.truth)
    .order_by(func.count().desc(), session_images.c.truth)
)
# A version has one set of labels as long as its etag stays: the set of one of its answers is that of all.
_KNOWN_LABELS = (
    select(label_sets.c.labels)
    .join(records, records.c.label_set_id == label_sets.c.id)
    .join(session_images, session_images.c.sha256 == records.c.sha256)
    .where(_THIS_SESSION, records.c.version_id == bindparam("version_id"))
    .limit(1)
)
