"""From an image's card to how firm its predictions are, and what they rest on."""

import hashlib
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload, wait_until_idle

_TIMEOUT_MS = 60_000
ESPRESSO = Path("samples/espresso.jpg").resolve()
# An upright JPEG is sent as it came.
ESPRESSO_SHA256 = hashlib.sha256(ESPRESSO.read_bytes()).hexdigest()


@pytest.fixture
def session_page(page: Page) -> Page:
    """A page on a session with one photograph that both versions answered."""
    open_page(page, "/")
    upload(page, [ESPRESSO])
    expect_cards(page, 1)
    return page


def probe(page: Page) -> None:
    """Press the button, and wait until every answer is there."""
    page.get_by_role("button", name="Probe", exact=True).click()
    expect(page.get_by_role("button", name="Probe", exact=True)).to_have_count(0)
    # Between the two buttons there may be neither for a moment: what comes after waits for what it wants to see.
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=_TIMEOUT_MS)
    wait_until_idle(page)


def open_probe(page: Page, **versions: str) -> None:
    open_page(page, "/robustness?" + urlencode({"session": session_of(page), **versions}))


def session_of(page: Page) -> str:
    """Id of the session in the address."""
    found = re.search(r"session=([\w-]+)", page.url)
    assert found
    return found[1]


def test_a_card_opens_the_probe_of_its_image_and_results_survive_a_refresh(session_page: Page) -> None:
    page = session_page
    open_page(page, f"/history?session={session_of(page)}&view=matrix&image={ESPRESSO_SHA256}")
    page.get_by_role("link", name="Test robustness and saliency").click()
    expect(page.get_by_text("One image: espresso.jpg")).to_be_visible()
    wait_until_idle(page)

    probe(page)
    page.reload()
    wait_until_idle(page)

    expect(page.get_by_role("cell", name=re.compile(r"espresso 0\.\d\d"))).not_to_have_count(0, timeout=_TIMEOUT_MS)
    expect(page.get_by_role("button", name="Probe", exact=True)).to_have_count(0)


def test_the_saliency_map_covers_the_image_and_follows_the_label(session_page: Page) -> None:
    open_probe(session_page)
    with rerun(session_page):
        session_page.get_by_role("tab", name="Saliency").click()
    probe(session_page)

    maps = session_page.locator(".js-plotly-plot")
    expect(maps).to_have_count(2)
    expect(maps.first.locator(".heatmaplayer text")).to_have_count(49, timeout=_TIMEOUT_MS)
    expect(session_page.get_by_text("espresso: 0.").first).to_be_visible()

    label = session_page.get_by_role("combobox", name="Score of the label")
    label.fill("coffee mug")
    with rerun(session_page):
        label.press("Enter")

    expect(session_page.get_by_text("coffee mug: 0.").first).to_be_visible()


def test_a_stopped_probe_can_be_continued(page: Page) -> None:
    slow = {"family": "faults", "versions": "slow"}  # to be stopped in time
    open_page(page, "/?" + urlencode(slow))
    upload(page, [ESPRESSO])
    expect_cards(page, 1)
    open_probe(page, **slow)
    with rerun(page):
        page.get_by_role("tab", name="Saliency").click()
    expect(page.get_by_text("65 calls")).to_be_visible()

    page.get_by_role("button", name="Probe", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Probe", exact=True)).to_be_visible()
    wait_until_idle(page)
    expect(page.get_by_text("65 calls")).to_have_count(0)
    probe(page)

    expect(page.locator(".js-plotly-plot").first.locator(".heatmaplayer text")).to_have_count(49, timeout=_TIMEOUT_MS)
