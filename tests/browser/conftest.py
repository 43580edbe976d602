"""A real Chromium with a webcam that plays a clip, in front of the app in a process of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, expect

from lib.settings import ROOT
from tests.browser.find_browser import find_browser
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
    """How pytest-playwright opens a window."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture(autouse=True)
def policy_violations(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """All that a page wanted to load or run, and the content security policy forbade: nothing, in any journey."""
    found: list[str] = []
    if "page" not in request.fixturenames:
        yield found
        return
    context: BrowserContext = request.getfixturevalue("context")

    def note(violation: str) -> None:
        found.append(violation)

    context.expose_function("noteViolation", note)
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " event => window.noteViolation(`${event.violatedDirective} ${event.blockedURI}`))"
    )
    yield found
    assert found == []


@pytest.fixture(autouse=True)
def media_requests(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What a page fetched from Streamlit's media folder, which asks nobody who they are: nothing, in any journey."""
    found: list[str] = []
    if "page" in request.fixturenames:
        context: BrowserContext = request.getfixturevalue("context")
        context.on("request", lambda asked: found.append(asked.url) if _is_media(asked.url) else None)
    yield found
    assert found == []


def _is_media(url: str) -> bool:
    # Streamlit's own fonts lie in a folder of the same name.
    return "/media/" in url and "/static/media/" not in url


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
