"""Memory of the server and its workers while many large photographs are uploaded, and after the page was left."""

import re
import tempfile
import time
from pathlib import Path
from threading import Event, Thread

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.photographs import make_large_photographs
from tests.browser.conftest import CHROME_ARGS
from tests.browser.find_browser import find_browser
from tests.browser.streamlit_page import open_page, rerun
from tests.stand_ins.app_server import AppServer

PHOTOGRAPHS = 200
SIZE_BYTES = 2_500_000
_WITHIN_MS = 300_000
_EVERY_S = 0.2
# As `make run` sets them.
_ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144"}


class _Peak:
    """The most memory of a process and its children, in MB, looked at five times a second."""

    def __init__(self, pid: int) -> None:
        self.mb = 0.0
        self._process = psutil.Process(pid)
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """Stop looking, and return the most that was seen."""
        self._ended.set()
        self._thread.join()
        return self.mb

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self.mb = max(self.mb, find_pss_mb(self._process))


def measure_memory() -> tuple[float, float, float]:
    """MB with the first page open, the most during the upload, and with the page left."""
    with tempfile.TemporaryDirectory() as folder, AppServer(Path(folder), **_ALLOCATOR) as server:
        process = psutil.Process(server.pid)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROME_ARGS)
            page = browser.new_page(base_url=server.url)
            open_page(page, "/")
            before = find_pss_mb(process)
            peak = _Peak(server.pid)
            _upload_and_leave(page, Path(folder))
            most = peak.end()
            time.sleep(2)  # garbage is collected while nobody asks for a page
            after = find_pss_mb(process)
            browser.close()
    return before, most, after


def find_pss_mb(process: psutil.Process) -> float:
    """Return the memory of a process and its children: what they share counts once."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_full_info().pss
        except psutil.NoSuchProcess:  # a worker has just ended
            continue
    return total / 1e6


def _upload_and_leave(page: Page, folder: Path) -> None:
    files = [folder / f"{place}.jpg" for place in range(PHOTOGRAPHS)]
    for file, content in zip(files, make_large_photographs(PHOTOGRAPHS, SIZE_BYTES), strict=True):
        file.write_bytes(content)
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(12, timeout=_WITHIN_MS)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=_WITHIN_MS)
    with rerun(page):
        page.get_by_role("link", name="History").click()
    expect(page.get_by_text(re.compile(f"{PHOTOGRAPHS} images"))).to_be_visible()
