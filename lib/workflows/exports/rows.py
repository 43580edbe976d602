"""Reads a session's images with their predictions in batches, for exports."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lib.domain.annotations import TrueLabel
from lib.domain.images import Image
from lib.domain.matrix import RowSearch
from lib.domain.predictions import ModelVersion, Record
from lib.domain.sessions import Session
from lib.stats.near_duplicates import Grouping
from lib.store import Store

_BATCH_SIZE = 200

Advance = Callable[[int], None]
"""Receives the number of images that are done."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to export: a session, and its versions by name, baseline first.

    A top label needs a score of at least `threshold`. `margin` is the non-inferiority margin, 0 to 1. `grouping` is how
    near-duplicates are found.
    """

    session: Session
    versions: Mapping[str, ModelVersion]
    threshold: float = 0.0
    margin: float = 0.0
    grouping: Grouping = Grouping.APPEARANCE


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An image, its true label, its records by version name (None for a version without a record), and whether it is in
    the must-not-regress set.
    """

    image: Image
    true_label: TrueLabel | None
    records: Mapping[str, Record | None]
    must_not_regress: bool = False


def find_rows(store: Store, selection: Selection, advance: Advance | None = None) -> Iterator[ExportRow]:
    """Yield the images in the order in which they were added, with at most a batch in memory."""
    search = RowSearch(versions=tuple(selection.versions.values()))
    done = 0
    while rows := store.matrix.find_rows(selection.session.id, search, offset=done, limit=_BATCH_SIZE).rows:
        sha256s = [row.image.sha256 for row in rows]
        records = store.predictions.find(sha256s, search.versions, session_id=selection.session.id)
        known = {(record.sha256, record.version): record for record in records}
        for row in rows:
            mine = {name: known.get((row.image.sha256, version)) for name, version in selection.versions.items()}
            yield ExportRow(row.image, row.true_label, mine, row.must_not_regress)
        done += len(rows)
        if advance:
            advance(done)
