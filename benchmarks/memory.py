"""Memory that the server keeps after many photographs were uploaded and the page was left."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.photographs import make_large_photographs
from tests.browser.conftest import CHROME_ARGS
from tests.browser.find_browser import find_browser
from tests.browser.streamlit_page import open_page, rerun
from tests.stand_ins.app_server import AppServer

_PHOTOGRAPHS = 50
_ONE_MB = 1_000_000
_WITHIN_MS = 120_000


def measure_memory() -> tuple[float, float]:
    """MB of the server with the first page open, and after the upload with the page left."""
    with tempfile.TemporaryDirectory() as folder, AppServer(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROME_ARGS)
        page = browser.new_page(base_url=server.url)
        open_page(page, "/")
        before = _rss_mb(server.pid)
        _upload_and_leave(page, Path(folder))
        after = _rss_mb(server.pid)
        browser.close()
    return before, after


def _upload_and_leave(page: Page, folder: Path) -> None:
    files = [folder / f"{place}.jpg" for place in range(_PHOTOGRAPHS)]
    for file, content in zip(files, make_large_photographs(_PHOTOGRAPHS, _ONE_MB), strict=True):
        file.write_bytes(content)
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(12, timeout=_WITHIN_MS)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=_WITHIN_MS)
    with rerun(page):
        page.get_by_role("link", name="History").click()
    expect(page.get_by_text(re.compile(f"{_PHOTOGRAPHS} images"))).to_be_visible()


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found  # noqa: S101 - Linux always says it
    return int(found[1]) / 1000
