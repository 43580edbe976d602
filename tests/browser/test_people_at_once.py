"""Several people at once, just after a start: over the WebSocket, as their browsers come."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.domain.images import ImageLimits
from lib.domain.predictions import ModelVersion, Prediction, Record
from lib.images.preparation import prepare_image
from lib.settings import ROOT
from lib.store import Store
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.visitor import Visitor

PAGES = ("", "history", "compare", "review", "", "history", "compare", "")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of an app: one session, which two versions answered."""
    folder = tmp_path_factory.mktemp("kept")
    with closing(Store(f"sqlite:///{folder / 'second-look.db'}", str(folder / "images"))) as store:
        session = store.sessions.create("Kept", datetime.now(UTC))
        for photograph in sorted((ROOT / "samples").glob("*.jpg"))[:4]:
            prepared = prepare_image(photograph.read_bytes(), photograph.name, ImageLimits())
            store.images.add(session.id, prepared, datetime.now(UTC))
            for number in (1, 2):
                version = ModelVersion(
                    "built-in", f"projects/p/locations/l/models/ICN{number}", "pets", f"v{number}", ""
                )
                answer = Prediction(("cat", "dog"), (0.5 + number / 10, 0.5 - number / 10))
                now = datetime.now(UTC)
                store.predictions.add(Record(prepared.image.sha256, version, session.id, now, 0.1, answer))
    (folder / "session").write_text(session.id, encoding="utf-8")
    return folder


@pytest.fixture
def fresh_server(kept: Path) -> Iterator[AppServer]:
    """The app, just started."""
    with AppServer(kept) as server:
        yield server


@pytest.mark.parametrize("start", range(5))
def test_many_people_can_open_the_app_right_after_its_start(kept: Path, fresh_server: AppServer, start: int) -> None:
    session_id = (kept / "session").read_text(encoding="utf-8")
    together = threading.Barrier(len(PAGES))

    def look(page: str) -> list[str]:
        with Visitor(fresh_server.url) as visitor:
            together.wait()
            visitor.open(page, session=session_id, view="matrix")
            assert len(visitor.elements) > 10
            return visitor.troubles

    with ThreadPoolExecutor(len(PAGES)) as people:
        assert list(people.map(look, PAGES)) == [[]] * len(PAGES)
