"""A stakeholder opens a link on a phone, and sees one session and nothing else."""

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lib.settings import ROOT
from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload

# Pictures are asked for a moment after the page is drawn.
PICTURE = re.compile("/shared-pictures/")


@pytest.fixture
def link(page: Page) -> str:
    """A link to a session of two photographs."""
    open_page(page, "/")
    upload(page, [ROOT / "samples/cat.jpg", ROOT / "samples/espresso.jpg"])
    expect_cards(page, 2)
    found = re.search(r"session=([\w-]+)", page.url)
    assert found
    open_page(page, f"/history?session={found[1]}&view=matrix&part=Share")
    with rerun(page):
        page.get_by_role("button", name="Create link").click()
    return page.get_by_test_id("stCode").inner_text().strip()


@pytest.mark.parametrize(("width_px", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_share_link_shows_its_session_and_leads_nowhere_else(
    browser: Browser, link: str, width_px: int, scheme: str
) -> None:
    size = {"width": width_px, "height": 844}
    page = browser.new_context(viewport=size, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    with page.expect_request(PICTURE):
        open_page(page, link)

    expect(page.get_by_text("2 of 2 images ·")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert page.get_by_role("link").all_inner_texts() == ["Skip to main content"]
    assert page.evaluate("document.documentElement.scrollWidth") == width_px
    assert not [url for url in asked if "/pictures/" in url.replace("/shared-pictures/", "")]
    serious = [found for found in Axe().run(page).response["violations"] if found["impact"] in {"serious", "critical"}]
    assert serious == []
    page.close()


def test_a_revoked_link_opens_neither_page_nor_images(page: Page, browser: Browser, link: str, base_url: str) -> None:
    token = re.search(r"share=([\w-]+)", link)[1]  # type: ignore[index]
    visitor = browser.new_page()
    with visitor.expect_request(PICTURE) as asked:
        open_page(visitor, link)
    picture = asked.value.url
    before = httpx.get(picture)

    with rerun(page):
        page.get_by_role("button", name="Revoke link").click()
    open_page(visitor, link)

    expect(visitor.get_by_text("This link is not valid.")).to_be_visible()
    assert (before.status_code, before.headers["content-type"]) == (200, "image/jpeg")
    assert token in picture
    assert httpx.get(picture).status_code == 404
    visitor.close()
