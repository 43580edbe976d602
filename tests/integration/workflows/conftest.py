"""A prediction context with a real store and the real client."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.domain.images import ImageLimits
from lib.domain.sessions import Session
from lib.images.image_workers import ImageWorkers
from lib.providers.automl import AutomlClient
from lib.store import Store
from lib.workflows.exports.export_queue import ExportRequest
from lib.workflows.job_registry import Jobs
from lib.workflows.prediction_context import PredictionContext
from tests.builders.databases import make_database
from tests.builders.values import NOON, make_prepared_image


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(make_database(tmp_path / "test.db"), str(tmp_path / "images"))
    yield store
    store.close()


@pytest.fixture
def prediction_context(store: Store, client: AutomlClient, images: ImageWorkers) -> Iterator[PredictionContext]:
    with ThreadPoolExecutor(2) as preparing, ThreadPoolExecutor(8) as predicting:
        yield PredictionContext(client, store, Jobs(store), ImageLimits(), preparing, predicting, images)


@pytest.fixture
def session(prediction_context: PredictionContext) -> Session:
    return prediction_context.store.sessions.create("Test", datetime.now(UTC))


@pytest.fixture
def birds(store: Store) -> Session:
    """A session of one image, titled Birds."""
    session = store.sessions.create("Birds", NOON)
    store.images.add(session.id, make_prepared_image(), NOON)
    return session


def make_export_request(session: Session) -> ExportRequest:
    return ExportRequest("birds.csv", "text/csv", session.id, 1, owner="ada@example.com", requested_by="Ada")
