"""A session's images with all that was said of them, some hundred at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lib.domain.images import Image
from lib.domain.matrix import RowSearch
from lib.domain.predictions import ModelVersion, Record
from lib.domain.sessions import Session
from lib.store import Store

_AT_A_TIME = 200

Advance = Callable[[int], None]
"""Is told how many images are done."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is taken along: a session's images, and the versions by the names they go by, baseline first.

    A top label counts from a score of `threshold` on; a candidate may be worse by `margin`, 0 to 1.
    """

    session: Session
    versions: Mapping[str, ModelVersion]
    threshold: float = 0.0
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An image, the label known to be right, and by version name the record: None where it was not asked."""

    image: Image
    true_label: str | None
    records: Mapping[str, Record | None]


def find_rows(store: Store, selection: Selection, advance: Advance | None = None) -> Iterator[ExportRow]:
    """The images in the order in which they were added. Holds no more than some hundred at a time."""
    search = RowSearch(versions=tuple(selection.versions.values()))
    done = 0
    while rows := store.matrix.find_rows(selection.session.id, search, offset=done, limit=_AT_A_TIME).rows:
        sha256s = [row.image.sha256 for row in rows]
        records = store.predictions.find(sha256s, search.versions, session_id=selection.session.id)
        known = {(record.sha256, record.version): record for record in records}
        for row in rows:
            mine = {name: known.get((row.image.sha256, version)) for name, version in selection.versions.items()}
            yield ExportRow(row.image, row.true_label, mine)
        done += len(rows)
        if advance:
            advance(done)
