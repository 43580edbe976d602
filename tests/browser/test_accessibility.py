"""What people who cannot see the page well, or use no mouse, may rely on."""

import re
from itertools import takewhile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.streamlit_page import expect_cards, open_page, upload, wait_until_idle

ADDRESSES = [
    "/?session={session}",
    "/history",
    "/history?session={session}&view=matrix",
    "/history?session={session}&view=matrix&part=Trends",
    "/history?session={session}&view=matrix&part=Export",
    "/compare?session={session}",
    "/compare?session={session}&detail=Confusion",
    "/review?session={session}",
    "/robustness?session={session}",
    "/robustness?session={session}&probing=Saliency",
    "/models",
    "/audit_log",
]

BEHIND_THE_LAST = ("", True)
MOST_STEPS = 30


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
def test_no_page_has_a_serious_accessibility_violation(
    browser: Browser, base_url: str, session_id: str, address: str, scheme: str
) -> None:
    page = browser.new_context(base_url=base_url, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    open_page(page, address.format(session=session_id))
    wait_until_idle(page)

    violations = Axe().run(page).response["violations"]

    serious = [found for found in violations if found["impact"] in {"serious", "critical"}]
    assert [(found["id"], found["nodes"][0]["html"]) for found in serious] == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/review?session={session}", "/compare?session={session}"])
def test_every_element_that_the_tab_key_reaches_shows_its_focus(
    browser: Browser, base_url: str, session_id: str, address: str, scheme: str
) -> None:
    page = browser.new_context(base_url=base_url, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    open_page(page, address.format(session=session_id))
    wait_until_idle(page)

    # Where nothing comes behind the last control, the browser starts anew.
    steps = (tab_on(page) for _ in range(MOST_STEPS))
    reached = dict(takewhile(lambda step: step != BEHIND_THE_LAST, steps))

    assert len(reached) > 10
    assert [name for name, is_seen in reached.items() if not is_seen] == []
    page.close()


def tab_on(page: Page) -> tuple[str, bool]:
    """Go to the next control: what it is, and whether it looks different from when it has no focus.

    After the last one BEHIND_THE_LAST.
    """
    page.keyboard.press("Tab")
    control = page.evaluate_handle("document.activeElement").as_element()
    assert control is not None
    if control.evaluate("each => each === document.body"):
        return BEHIND_THE_LAST
    control.scroll_into_view_if_needed()
    around = page.evaluate(
        "each => { const box = each.getBoundingClientRect(); return {x: Math.max(0, box.x - 6),"
        " y: Math.max(0, box.y - 6), width: box.width + 12, height: box.height + 12}; }",
        control,
    )
    focused = page.screenshot(clip=around, animations="disabled", caret="hide")
    control.evaluate("each => each.blur()")
    unfocused = page.screenshot(clip=around, animations="disabled", caret="hide")
    return control.evaluate("each => each.outerHTML.slice(0, 200)"), focused != unfocused
