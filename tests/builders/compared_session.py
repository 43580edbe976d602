"""A session with two versions' answers and known labels, in a store of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain.predictions import Failure, ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.pairs import make_appearance, make_true_label
from tests.builders.values import NOON, make_prepared_image, make_record, make_version

VERSIONS = {"v1": make_version("v1"), "v2": make_version("v2")}
LABELS = ("cat", "dog")


@dataclass(frozen=True)
class Row:
    """An image: what v1 and v2 said first, with which scores, what it shows, its file's name, and whether it must not
    regress.
    """

    first: str | Failure | None = "cat"
    second: str | Failure | None = "cat"
    true_label: str | None = "cat"
    name: str = "photo.jpg"
    score: float = 0.75
    must_not_regress: bool = False


def make_compared_session(store: Store, rows: Sequence[Row], title: str = "Kittens") -> Session:
    """Keep the rows' images, answers and true labels, as a session of this title."""
    session = store.sessions.create(title, NOON, "Ada")
    fill_session(store, session, rows)
    return store.sessions.get(session.id)


def fill_session(
    store: Store, session: Session, rows: Sequence[Row], versions: Sequence[ModelVersion] = tuple(VERSIONS.values())
) -> None:
    """Add the rows' images and answers, and then their true labels; thumbnails are no pictures."""
    for place, row in enumerate(rows):
        prepared = make_prepared_image(f"{session.title} {place}".encode(), row.name)
        store.images.add(session.id, prepared, NOON)
        for version, said in zip(versions, (row.first, row.second), strict=True):
            outcome = _outcome(said, row.score)
            if outcome is not None:
                record = make_record(prepared.image.sha256, session_id=session.id, version=version, outcome=outcome)
                store.predictions.add(record)
    images = store.images.find(session.id, limit=10_000)
    for image, row in zip(images, rows, strict=True):
        if row.true_label is not None:
            true_label = make_true_label(row.true_label)
            store.annotations.set_true_labels(session.id, [image.sha256], true_label, "Ada", NOON)
        if row.must_not_regress:
            store.images.set_must_not_regress(session.id, [image.sha256], marked=True)
    numbers = {image.sha256: int(image.sha256[:16], 16) for image in images}
    store.images.add_appearances({sha256: make_appearance(number, number) for sha256, number in numbers.items()})


def _outcome(said: str | Failure | None, score: float) -> Prediction | Failure | None:
    if said is None or isinstance(said, Failure):
        return said
    others = [label for label in LABELS if label != said]
    return Prediction((said, *others), (score, *((1 - score) / len(others) for _ in others)))
