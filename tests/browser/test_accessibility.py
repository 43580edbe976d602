"""What people who cannot see the page well, or use no mouse, may rely on."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.streamlit_page import open_page, wait_until_idle
from tests.browser.test_predict_journeys import expect_cards, upload

ADDRESSES = [
    "/?session={session}",
    "/history",
    "/history?session={session}&view=matrix",
    "/history?session={session}&view=matrix&part=Trends",
    "/history?session={session}&view=matrix&part=Take+it+along",
    "/compare?session={session}",
    "/compare?session={session}&detail=Confusion",
    "/review?session={session}",
    "/models",
]


@pytest.fixture(scope="module")
def session_id(browser: Browser, base_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A session with photographs that both versions answered."""
    page = browser.new_context(base_url=base_url).new_page()
    open_page(page, "/")
    upload(page, [Path("samples/cat.jpg").resolve(), Path("samples/valley.jpg").resolve()])
    expect_cards(page, 2)
    found = re.search(r"session=([\w-]+)", page.url)
    page.close()
    assert found
    return found[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_has_a_serious_barrier(
    browser: Browser, base_url: str, session_id: str, address: str, scheme: str
) -> None:
    page = browser.new_context(base_url=base_url, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    open_page(page, address.format(session=session_id))
    wait_until_idle(page)

    violations = Axe().run(page).response["violations"]

    serious = [found for found in violations if found["impact"] in {"serious", "critical"}]
    assert [(found["id"], found["nodes"][0]["html"]) for found in serious] == []
    page.close()
