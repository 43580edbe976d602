"""A store with rows in every kind of table, and all rows of a database, to compare."""

from typing import Any

from sqlalchemy import select

from lib.domain.audit import AuditEvent
from lib.domain.jobs import JobKind
from lib.domain.permissions import Action
from lib.domain.predictions import Failure, ProbeResult
from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import RejectedFile, ShareTerms
from lib.store import Store
from lib.store.engine import open_engine
from lib.store.tables import METADATA
from lib.workflows.job_registry import Jobs
from lib.workflows.jobs import Job
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

NAME = "Äpfel 苹果 \N{GREEN APPLE} \x1b 'quoted'\n\"second line\""
IMAGE_COUNT = 12


def fill_store(store: Store) -> list[str]:
    """Add two sessions with images, predictions, labels and more, and return the SHA-256 of the images."""
    session, other = (store.sessions.create(NAME, NOON, "Ada") for _ in range(2))
    contents = [f"image {place}".encode() for place in range(IMAGE_COUNT)]
    sha256s = [add_predicted_image(store, session.id, content) for content in contents]
    add_predicted_image(store, other.id, contents[0])
    store.annotations.set_true_labels(session.id, sha256s[:3], make_true_label("cat"), NAME, NOON)
    store.reviews.change(session.id, Review(ReviewMode.BLIND))
    store.images.add_rejected_file(session.id, RejectedFile(NAME, "Not an image."), NOON)
    store.images.set_must_not_regress(session.id, sha256s[:2], marked=True)
    store.probes.add(ProbeResult(session.id, sha256s[0], make_version(), "blurred", NOON, 0.125, make_prediction()))
    store.sharing.add(session.id, ShareTerms("Bob"), "Ada", NOON)
    store.people.add_token("Nightly", "Ada", NOON)
    event = AuditEvent(NOON, "Ada", Action.ANNOTATE, session.id, NAME)
    store.audit.record_sign_in("a" * 64, event)
    store.audit.record_denial(event)
    Jobs(store).add(Job[None](JobKind.PREDICTION, session.id))
    store.sessions.find()
    return sha256s


def add_predicted_image(store: Store, session_id: str, content: bytes) -> str:
    """Add an image with a prediction and a failure, and return its SHA-256."""
    prepared = make_prepared_image(content, name=NAME, steps=("Turned upright",))
    store.images.add(session_id, prepared, NOON)
    sha256 = prepared.image.sha256
    scored = make_prediction(cat=0.1, dog=1 / 3)
    failed = Failure("Busy.")
    for version, outcome in ((make_version(), scored), (make_version("v2"), failed)):
        store.predictions.add(make_record(sha256, session_id=session_id, version=version, outcome=outcome))
    return sha256


def read_rows(database_url: str) -> dict[str, list[Any]]:
    """Return all rows of all tables that a backup keeps, in the order of their keys."""
    engine = open_engine(database_url)
    with engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in METADATA.sorted_tables
            if table.name not in {"jobs", "job_files"}
        }
    engine.dispose()
    return rows
