"""A store with many answers, written in bulk: what predicting would take an hour for."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, create_engine, insert

from lib.domain.predictions import ModelVersion
from lib.store import Store
from lib.store.cells import add_cells_of_image
from lib.store.packing import PackedScores, sum_up
from lib.store.tables import images, label_sets, records, session_images, session_versions, sessions, versions

LABELS = [f"label {place:02}" for place in range(50)]
_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_CHANCE = random.Random(1)  # noqa: S311 - the same store every time is the point
_SCORES = ("label_set_id", "scores", "top_label", "top_score", "margin", "total", "squares")
_ADD_IMAGE, _ADD_TO_SESSION, _ADD_RECORDS = insert(images), insert(session_images), insert(records)


def make_big_store(folder: Path, *, image_count: int, version_count: int = 5, session_count: int = 1) -> Store:
    """A store whose newest session has all the images, each answered by all versions; every second has a true label.

    Versions are right on about 84% of the images, and one call in a hundred failed.
    """
    database = f"sqlite:///{folder / 'big.db'}"
    store = Store(database, str(folder / "images"))
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(insert(sessions), [_session_row(place) for place in range(session_count)])
        connection.execute(insert(versions), [_version_row(place) for place in range(version_count)])
        connection.execute(insert(label_sets), [{"id": 1, "digest": "labels", "labels": LABELS}])
        connection.execute(
            insert(session_versions), [_session_version_row(place, session_count) for place in range(version_count)]
        )
        for place in range(image_count):
            _add_image(connection, place, version_count, session_id(session_count - 1))
    engine.dispose()
    return store


def session_id(place: int) -> str:
    """Id of a session; they were made one a minute."""
    return f"session-{place:05}"


def version(place: int) -> ModelVersion:
    """A version that answered."""
    return ModelVersion("built-in", f"projects/p/locations/l/models/ICN{place}", "birds", f"v{place + 1}", "1")


def _session_row(place: int) -> dict[str, Any]:
    return {
        "id": session_id(place),
        "title": f"Session {place}",
        "created_at": _NOW + timedelta(minutes=place),
        "revision": 1,
    }


def _version_row(place: int) -> dict[str, Any]:
    row = version(place)
    return {
        "id": place + 1,
        "provider": row.provider,
        "model_name": row.model_name,
        "etag": row.etag,
        "family": row.family,
        "version": row.version,
    }


def _session_version_row(place: int, session_count: int) -> dict[str, Any]:
    return {"session_id": session_id(session_count - 1), "version_id": place + 1, "requested_at": _NOW}


def _add_image(connection: Connection, place: int, version_count: int, in_session: str) -> None:
    sha256 = hashlib.sha256(str(place).encode()).hexdigest()
    shown = LABELS[_CHANCE.randrange(len(LABELS))]
    size = {"width_px": 640, "height_px": 480, "size_bytes": 100_000}
    connection.execute(_ADD_IMAGE, {"sha256": sha256, "media_type": "image/jpeg", **size})
    connection.execute(
        _ADD_TO_SESSION,
        {
            "session_id": in_session,
            "sha256": sha256,
            "name": f"photograph-{place:05}.jpg",
            "steps": [],
            "added_at": _NOW,
            "true_label": shown if place % 2 else None,
            "true_label_at": _NOW,
        },
    )
    rows = [_record_row(sha256, number, shown) for number in range(version_count)]
    connection.execute(_ADD_RECORDS, [{**row, "session_id": in_session} for row in rows])
    add_cells_of_image(connection, in_session, sha256)


def _record_row(sha256: str, number: int, shown: str) -> dict[str, Any]:
    row = {"sha256": sha256, "version_id": number + 1, "requested_at": _NOW, "latency_s": _CHANCE.uniform(0.01, 0.1)}
    if _CHANCE.random() < 0.01:
        return {**row, **dict.fromkeys(_SCORES), "failure": "The service is busy."}
    top = shown if _CHANCE.random() < 0.84 else _CHANCE.choice(LABELS)
    scores = np.full(len(LABELS), 0.001, "<f4")
    scores[LABELS.index(top)] = _CHANCE.uniform(0.3, 0.9)
    packed = PackedScores(tuple(LABELS), scores.tobytes())
    short = sum_up(packed)
    values = (1, packed.scores, short.label, short.score, short.margin, short.total, short.squares)
    return {**row, **dict(zip(_SCORES, values, strict=True)), "failure": None}
