"""How to wait for a Streamlit page: by what it says of itself, never by time."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

_TIMEOUT_MS = 30_000

# Connected, no run under way, and nothing on the page left over from the run before.
_IDLE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]');
}"""

_COUNT_RUNS = """() => {
  if (window.secondLookRuns === undefined) {
    window.secondLookRuns = 0;
    let before;
    new MutationObserver(() => {
      const state = document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;
      if (state === 'running' && before !== 'running') window.secondLookRuns++;
      before = state;
    }).observe(document.body, {subtree: true, attributes: true, attributeFilter: ['data-test-script-state']});
  }
  return window.secondLookRuns;
}"""


def wait_until_idle(page: Page) -> None:
    """Wait until Streamlit has finished its run and the browser has painted it."""
    page.wait_for_function(_IDLE, timeout=_TIMEOUT_MS)


@contextmanager
def rerun(page: Page) -> Iterator[None]:
    """Do something that makes Streamlit run again, then wait until that run has started and ended."""
    wait_until_idle(page)  # acting during a run would merge two runs into one, and hide the second
    before = page.evaluate(_COUNT_RUNS)
    yield
    with suppress(PlaywrightTimeout):  # a very short run may be painted, start and end, at once
        page.wait_for_function("runs => window.secondLookRuns > runs", arg=before, timeout=2_000)
    wait_until_idle(page)


def open_page(page: Page, address: str) -> None:
    """Go to an address and wait until it is drawn."""
    page.goto(address)
    wait_until_idle(page)


def upload(page: Page, files: list[Path]) -> None:
    """Add these files on the Predict page."""
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)


def expect_cards(page: Page, count: int) -> None:
    """Each card has its chart, and nothing is under way any more."""
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(count)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    wait_until_idle(page)
