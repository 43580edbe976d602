"""What holds on every page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.streamlit_page import open_page, rerun

PAGES = ["/", "/history", "/compare", "/review", "/robustness", "/models", "/audit_log"]


@pytest.fixture
def troubles(page: Page, base_url: str) -> list[str]:
    """Fills up with all that goes wrong in the browser, and with every request that leaves the machine."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if _is_trouble(message.type, message.text) else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda request: found.append(request.url) if _leaves(request.url, base_url) else None)
    return found


def _is_trouble(kind: str, text: str) -> bool:
    # On a deep link Streamlit first asks for these below the page's own address, and finds them at the root.
    return kind in {"error", "warning"} and "404" not in text


def _leaves(url: str, base_url: str) -> bool:
    inside = (base_url, base_url.replace("http", "ws"), "data:", "blob:")
    return not url.startswith(inside)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_without_console_errors_or_external_requests(
    page: Page, path: str, troubles: list[str]
) -> None:
    open_page(page, path)

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert troubles == []


def test_an_injected_script_does_not_run(page: Page, window: Window) -> None:
    open_page(page, "/")

    page.evaluate(
        "() => { const script = document.createElement('script'); script.textContent = 'window.smuggled = true';"
        " document.body.append(script); }"
    )

    assert page.evaluate("window.smuggled") is None
    assert window.policy_violations == ["script-src-elem inline"]
    window.policy_violations.clear()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_same_sidebar(page: Page, path: str) -> None:
    open_page(page, path)

    sidebar = page.get_by_test_id("stSidebar")
    for name in ("Provider", "Project", "Region", "Model family", "Versions"):
        expect(sidebar.get_by_role("combobox", name=name)).to_be_visible()
    expect(sidebar.get_by_text("Session", exact=True)).to_be_visible()


def test_choices_are_kept_across_pages(page: Page) -> None:
    open_page(page, "/?region=eu")

    with rerun(page):
        page.get_by_role("link", name="History").click()

    expect(page.get_by_role("combobox", name="Region")).to_have_value("eu")
