"""A session of which everything is known: six images, what two versions said of them, and what four of them show."""

import io
import random
from dataclasses import replace
from datetime import UTC, datetime

from PIL import Image

from lib.domain.predictions import Failure, Prediction, Record
from lib.domain.sessions import Session
from lib.store import Store
from lib.web import resources
from tests.builders.pairs import make_true_label
from tests.builders.values import make_prepared_image
from tests.integration.pages.page import find_version

_LABELS = ("cat", "dog", "owl")
_ROWS = {
    # name: v1 (cat, dog, owl), v2, truth
    "same.jpg": ((0.90, 0.06, 0.04), (0.80, 0.15, 0.05), "cat"),
    "fixed.jpg": ((0.30, 0.60, 0.10), (0.70, 0.20, 0.10), "cat"),
    "broken.jpg": ((0.75, 0.20, 0.05), (0.40, 0.55, 0.05), "cat"),
    "wrong.jpg": ((0.05, 0.90, 0.05), (0.03, 0.95, 0.02), "cat"),
    "failed.jpg": ((0.85, 0.10, 0.05), None, None),
    "unsure.jpg": ((0.30, 0.30, 0.40), (0.28, 0.30, 0.42), None),
}


def make_known_session() -> Session:
    """Store the session in the app's store. Its images are noise, so none are near-duplicates."""
    store = resources.store()
    session = store.sessions.create("Known", datetime.now(UTC), "Ada")
    for name, (first, second, truth) in _ROWS.items():
        prepared = replace(make_prepared_image(name.encode(), name), thumbnail=_make_noise(name))
        store.images.add(session.id, prepared, datetime.now(UTC))
        _add_record(store, session, prepared.image.sha256, "v1", first)
        _add_record(store, session, prepared.image.sha256, "v2", second)
        if truth:
            store.annotations.set_true_labels(
                session.id, [prepared.image.sha256], make_true_label(truth), "Ada", datetime.now(UTC)
            )
    return session


def sha256_of(name: str) -> str:
    """SHA-256 of an image of the session."""
    return make_prepared_image(name.encode()).image.sha256


def _make_noise(name: str) -> bytes:
    stream = io.BytesIO()
    pixels = random.Random(name).randbytes(120 * 90)
    Image.frombytes("L", (120, 90), pixels).convert("RGB").save(stream, "JPEG")
    return stream.getvalue()


def _add_record(store: Store, session: Session, sha256: str, version: str, scores: tuple[float, ...] | None) -> None:
    outcome = Failure("The service is busy.") if scores is None else Prediction(_LABELS, scores)
    at = datetime.now(UTC)
    store.predictions.add(Record(sha256, find_version(version), session.id, at, 0.125, outcome))
