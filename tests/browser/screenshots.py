"""Makes the README's pictures: `make screenshots`."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from lib.settings import ROOT
from lib.store import Store
from tests.browser.conftest import CHROME_ARGS
from tests.browser.find_browser import find_browser
from tests.browser.streamlit_page import open_page, wait_until_idle
from tests.builders.pairs import make_true_label
from tests.stand_ins.app_server import AppServer

# File names of samples, and the label that is right for each.
_SHOWN = {
    "rocket.jpg": "missile",
    "pagoda.jpg": "palace",
    "cat.jpg": "Egyptian cat",
    "valley.jpg": "valley",
    "espresso.jpg": "espresso",
}


def main() -> None:
    """Upload five photographs, and take the pages' pictures."""
    with tempfile.TemporaryDirectory() as folder, AppServer(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROME_ARGS)
        address = _upload(browser, server.url)
        _take_cards(browser, address, "light")
        _take_cards(browser, address, "dark")
        _set_true_labels(Path(folder))
        _take_verdict(browser, address.replace("/?", "/compare?"))
        browser.close()


def _upload(browser: Browser, url: str) -> str:
    page = browser.new_page()
    open_page(page, url)
    files = [ROOT / "samples" / name for name in _SHOWN]
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(len(_SHOWN), timeout=60_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=60_000)
    return page.url


def _take_cards(browser: Browser, address: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 1120})  # type: ignore[arg-type]
    open_page(page, address)
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(len(_SHOWN) * 10)
    _take_picture(page, f"predict-{scheme}")


def _set_true_labels(folder: Path) -> None:
    store = Store(f"sqlite:///{folder / 'second-look.db'}", str(folder / "images"))
    (summary,) = store.sessions.find()
    for image in store.images.find(summary.session.id):
        store.annotations.set_true_labels(
            summary.session.id, [image.sha256], make_true_label(_SHOWN[image.name]), "Ada", datetime.now(UTC)
        )
    store.close()


def _take_verdict(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="light", viewport={"width": 1280, "height": 900})
    open_page(page, address)
    expect(page.get_by_text("How this was computed")).to_be_visible()
    _take_picture(page, "compare-light")


def _take_picture(page: Page, name: str) -> None:
    wait_until_idle(page)
    (ROOT / "docs").mkdir(exist_ok=True)
    page.screenshot(path=ROOT / "docs" / f"{name}.png")


if __name__ == "__main__":
    main()
