"""A real Chromium with a webcam that plays a clip, in front of the app in a process of its own."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from lib.domain.sessions import Session
from lib.settings import ROOT
from lib.store import Store
from tests.browser.find_browser import find_browser
from tests.browser.streamlit_page import expect_cards, open_page, upload
from tests.stand_ins.app_server import AppServer

CHROME_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


# Pages are waited for as long as clicks are: what a slow machine takes says nothing of the page.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def webcam_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the webcam sees, as motion JPEG: plain JPEG files, one after the other."""
    clip = tmp_path_factory.mktemp("webcam") / "clip.mjpeg"
    with clip.open("wb") as file:
        for position in range(0, 400, 20):
            frame = Image.new("RGB", (1280, 720), (200, 30, 30))
            ImageDraw.Draw(frame).rectangle((position, 200, position + 300, 500), fill=(30, 200, 30))
            frame.save(file, "JPEG", quality=90)
    return clip


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], webcam_clip: Path) -> dict[str, Any]:
    """How pytest-playwright starts the browser. Without one the tests fail; they are never skipped."""
    browser = find_browser()
    assert browser, "No browser: run `python -m tests.browser.find_browser`."
    args = [*CHROME_ARGS, f"--use-file-for-fake-video-capture={webcam_clip}"]
    return {**browser_type_launch_args, "executable_path": browser, "args": args}


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One server for all journeys; each journey has sessions of its own."""
    settings = {"SECOND_LOOK_FAULT_MODELS": "1", "SECOND_LOOK_RETRY_FOR_S": "5", "SECOND_LOOK_FAULT_WAIT_S": "1"}
    with AppServer(tmp_path_factory.mktemp("app"), **settings) as server:
        yield server


@pytest.fixture(scope="session")
def base_url(app_server: AppServer) -> str:
    """Where the app is; pytest-playwright opens paths below it."""
    return app_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """How pytest-playwright opens a window. The certificates of servers with TLS are the tests' own."""
    size = {"width": 1280, "height": 900}
    return {**browser_context_args, "viewport": size, "reduced_motion": "reduce", "ignore_https_errors": True}


class Window:
    """A browser window that one journey after the other uses: what it has fetched and compiled of Streamlit stays."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.policy_violations: list[str] = []
        self.media_requests: list[str] = []
        context.expose_function("noteViolation", self._note_violation)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " event => window.noteViolation(`${event.violatedDirective} ${event.blockedURI}`))"
        )
        context.on("request", self._note_media)

    def _note_violation(self, violation: str) -> None:
        self.policy_violations.append(violation)

    def _note_media(self, request: Request) -> None:
        # Streamlit's own fonts lie in a folder of the same name.
        if "/media/" in request.url and "/static/media/" not in request.url:
            self.media_requests.append(request.url)

    def forget(self) -> None:
        """Close all pages, and forget who was signed in, what was chosen and what was allowed."""
        for page in self.context.pages:
            _clear_storage(page)
            page.close()
        self.context.clear_cookies()
        self.context.clear_permissions()
        self.context.unroute_all()
        self.policy_violations.clear()
        self.media_requests.clear()


def _clear_storage(page: Page) -> None:
    address = urlsplit(page.url)
    if address.netloc:
        what = {"origin": f"{address.scheme}://{address.netloc}", "storageTypes": "local_storage,indexeddb"}
        page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", what)


@pytest.fixture(scope="session")
def window(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Window]:
    """The window of all journeys of this worker."""
    context = browser.new_context(**browser_context_args)
    yield Window(context)
    context.close()


@pytest.fixture
def context(window: Window) -> Iterator[BrowserContext]:
    """A window in which nobody has done anything.

    In no journey does a page load or run what the content security policy forbids, or fetch anything from Streamlit's
    media folder, which asks nobody who they are.
    """
    yield window.context
    violations, media_requests = [*window.policy_violations], [*window.media_requests]
    window.forget()
    assert violations == []
    assert media_requests == []


@pytest.fixture
def photographs(tmp_path: Path) -> Callable[[int], list[Path]]:
    """Makes that many different photographs out of the samples, to upload."""
    samples = sorted((ROOT / "samples").glob("*.jpg"))

    def make(count: int) -> list[Path]:
        return [_save_variant(samples[place % len(samples)], place, tmp_path) for place in range(count)]

    return make


def _save_variant(sample: Path, place: int, folder: Path) -> Path:
    path = folder / f"photograph-{place:03}.jpg"
    with Image.open(sample) as picture:
        picture.resize((640, 480)).save(path, quality=80 - place // 10)
    return path


@pytest.fixture
def store(app_server: AppServer) -> Iterator[Store]:
    """The server's own store, opened beside it."""
    folder = app_server.data_dir
    store = Store(f"sqlite:///{folder / 'second-look.db'}", str(folder / "images"))
    yield store
    store.close()


@pytest.fixture
def session(page: Page, photographs: Callable[[int], list[Path]], store: Store) -> Session:
    """A session of five photographs that both versions answered, on which nobody has said a word."""
    open_page(page, "/")
    upload(page, photographs(5))
    expect_cards(page, 5)
    return store.sessions.get(str(re.search(r"session=([\w-]+)", page.url)[1]))  # type: ignore[index]
