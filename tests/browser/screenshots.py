"""Makes the README's pictures: `make screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from lib.settings import ROOT
from tests.browser.app_server import AppServer
from tests.browser.conftest import CHROME_ARGS
from tests.browser.find_browser import find_browser
from tests.browser.streamlit_page import open_page, wait_until_idle

_SHOWN = ("rocket.jpg", "pagoda.jpg", "cat.jpg", "valley.jpg", "espresso.jpg")


def main() -> None:
    """Upload five photographs, and take the page's picture in both themes."""
    with tempfile.TemporaryDirectory() as folder, AppServer(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROME_ARGS)
        address = _upload(browser, server.url)
        _take_picture(browser, address, "light")
        _take_picture(browser, address, "dark")
        browser.close()


def _upload(browser: Browser, url: str) -> str:
    page = browser.new_page()
    open_page(page, url)
    files = [ROOT / "samples" / name for name in _SHOWN]
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(len(_SHOWN), timeout=60_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=60_000)
    return page.url


def _take_picture(browser: Browser, address: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 1120})  # type: ignore[arg-type]
    open_page(page, address)
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(len(_SHOWN) * 10)
    wait_until_idle(page)
    (ROOT / "docs").mkdir(exist_ok=True)
    page.screenshot(path=ROOT / "docs" / f"predict-{scheme}.png")


if __name__ == "__main__":
    main()
