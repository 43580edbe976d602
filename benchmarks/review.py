"""Milliseconds from a key to the next image, in a browser, in a session of 1,000 images."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.photographs import make_photographs
from lib.domain.annotations import Annotation, AnnotationStatus
from lib.domain.images import ImageLimits
from lib.domain.predictions import ModelVersion, Prediction, Record
from lib.images.preparation import prepare_image
from lib.store import Store
from tests.browser.conftest import CHROME_ARGS
from tests.browser.find_browser import find_browser
from tests.browser.streamlit_page import open_page, wait_until_idle
from tests.builders.pairs import make_true_label
from tests.stand_ins.app_server import AppServer

_IMAGES = 1_000
_KEYS = 15
_LABELS = ("cat", "dog", "owl")
_NEXT = "before => document.querySelector('img.reviewed')?.getAttribute('src') !== before"


def measure_review() -> float:
    """The median; half of the images have a verdict of another reviewer."""
    with tempfile.TemporaryDirectory() as folder, AppServer(Path(folder)) as server, sync_playwright() as playwright:
        session_id = _fill(Path(folder))
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROME_ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        open_page(page, f"{server.url}/review?session={session_id}")
        name = page.get_by_label("Reviewer name")
        name.fill("Ada")
        name.press("Enter")
        page.locator("img.reviewed").wait_for()
        page.mouse.click(700, 20)
        wait_until_idle(page)
        taken = [_time_key(page) for _ in range(_KEYS)]
        browser.close()
    return statistics.median(taken) * 1000


def _time_key(page: Page) -> float:
    before = page.locator("img.reviewed").get_attribute("src")
    start = time.perf_counter()
    page.keyboard.press("y")
    page.wait_for_function(_NEXT, arg=before)
    taken = time.perf_counter() - start
    wait_until_idle(page)
    return taken


def _fill(folder: Path) -> str:
    store = Store(f"sqlite:///{folder / 'second-look.db'}", str(folder / "images"))
    session = store.sessions.create("Benchmark", datetime.now(UTC))
    versions = [ModelVersion("built-in", f"projects/p/locations/l/models/ICN{n}", "birds", f"v{n}", "") for n in (1, 2)]
    for place, photograph in enumerate(make_photographs(_IMAGES)):
        prepared = prepare_image(photograph, f"{place}.jpg", ImageLimits())
        sha256, now = prepared.image.sha256, datetime.now(UTC)
        store.images.add(session.id, prepared, now)
        for version in versions:
            answer = Prediction(_LABELS, (0.8, 0.1, 0.1))
            store.predictions.add(Record(sha256, version, session.id, now, 0.1, answer))
        if place % 2:
            store.annotations.add(
                session.id, Annotation(sha256, "Grace", AnnotationStatus.LABELED, make_true_label("cat"), now)
            )
    store.close()
    return session.id
