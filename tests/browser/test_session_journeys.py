"""What each of several people sees of the same photographs, and what stays of a choice, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.ui.review.early_keys import UNSEEN_S
from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload, wait_until_idle
from tests.browser.test_history_journeys import click_row, mark_as_new

Photographs = Callable[[int], list[Path]]
SESSION = re.compile(r"session=[\w-]+")
CHECKBOX_PX = 18

# Clicks on the tab as soon as the browser has it, before anybody could.
CLICK_AT_ONCE = """() => new Promise(done => {
  const look = () => {
    const tab = [...document.querySelectorAll('[role=tab]')].find(each => each.textContent.includes('Samples'));
    if (tab) { tab.click(); done(); } else requestAnimationFrame(look);
  };
  look();
})"""


def family_of(page: Page) -> str:
    return page.get_by_role("combobox", name="Model family").input_value()


def versions_of(page: Page) -> list[str]:
    return page.get_by_test_id("stMultiSelect").locator("[data-tag]").all_inner_texts()


def test_predictions_of_two_families_are_kept_apart(
    page: Page, browser: Browser, browser_context_args: dict[str, Any], photographs: Photographs
) -> None:
    files = photographs(2)
    for file in files:
        mark_as_new(file)
    with browser.new_context(**browser_context_args) as other_visitor:
        other = other_visitor.new_page()
        open_page(page, "/?family=imagenet&versions=v1&versions=v2")
        open_page(other, "/?family=faults&versions=slow")
        upload(page, files)
        expect_cards(page, 2)
        upload(other, files)
        expect_cards(other, 2)

        sessions = [SESSION.search(each.url) for each in (page, other)]
        assert all(sessions)
        open_page(page, f"/history?{sessions[0][0]}&view=matrix")  # type: ignore[index]
        open_page(other, f"/history?{sessions[1][0]}&view=matrix")  # type: ignore[index]

        assert (family_of(page), versions_of(page)) == ("imagenet", ["v1", "v2"])
        assert (family_of(other), versions_of(other)) == ("faults", ["slow"])
        for each in (page, other):
            with rerun(each):
                each.get_by_role("link", name="All sessions").click()
        rows = page.locator("[class*='st-key-row-']")
        expect(rows.nth(0)).to_contain_text("2 images · 1 version")
        expect(rows.nth(1)).to_contain_text("2 images · 2 versions")


@pytest.mark.parametrize("place", range(4))
def test_an_immediate_click_keeps_the_chosen_versions(page: Page, place: int) -> None:
    page.goto("/", wait_until="commit")

    page.evaluate(CLICK_AT_ONCE)

    expect(page.get_by_role("button", name="espresso.jpg", exact=True)).to_be_visible()
    wait_until_idle(page)
    assert versions_of(page) == ["v1", "v2"]


def test_removed_versions_are_not_chosen_again(page: Page) -> None:
    open_page(page, "/?family=imagenet&versions=v2")

    choice = page.get_by_role("combobox", name="Versions")
    choice.focus()
    expect(choice).to_be_focused()  # a key that comes too early is lost
    with rerun(page):
        choice.press("Backspace")

    expect(page.get_by_text("Select at least one version")).to_be_visible()
    expect(page).not_to_have_url(re.compile("versions=v"))
    assert versions_of(page) == []


def test_an_address_has_all_choices_and_back_restores_them(page: Page) -> None:
    open_page(page, "/")
    address = page.url
    with rerun(page):
        page.get_by_role("tab", name="Samples").click()
    with rerun(page):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Models").click()

    for name in ("provider=built-in", "project=second-look", "region=us-central1", "family=imagenet", "versions=v1"):
        assert name in address
        expect(page).to_have_url(re.compile(name))


def test_an_invalid_address_is_corrected_and_back_still_works(page: Page) -> None:
    open_page(page, "/models")
    open_page(page, "/?family=does-not-exist&versions=v1&region=mars")

    expect(page.get_by_text("The model family in this address is not available")).to_be_visible()
    expect(page).to_have_url(re.compile("region=us-central1&family=imagenet|family=imagenet.*region=us-central1"))
    expect(page).to_have_url(re.compile("versions=v1&versions=v2"))
    assert (family_of(page), versions_of(page)) == ("imagenet", ["v1", "v2"])
    with rerun(page):
        page.get_by_role("tab", name="Samples").click()
    with rerun(page):
        page.go_back()
    assert family_of(page) == "imagenet"


def test_setting_a_label_clears_the_selection_and_the_field(page: Page, photographs: Photographs) -> None:
    files = photographs(2)
    for file in files:
        mark_as_new(file)
    open_page(page, "/?family=imagenet&versions=v1")
    upload(page, files)
    expect_cards(page, 2)
    page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("^Session ")).click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    with rerun(page):
        click_row(page, 0, CHECKBOX_PX)
    box = page.get_by_role("combobox", name="True label")
    box.fill("alp")
    with rerun(page):
        box.press("Enter")

    with rerun(page):
        page.get_by_role("button", name="Set label of 1 image").click()

    expect(page.get_by_text("Select images to set their true label.")).to_be_visible()
    with rerun(page):
        click_row(page, 1, CHECKBOX_PX)
    expect(page.get_by_role("button", name="Set label of 1 image")).to_be_disabled()
    expect(page.get_by_role("combobox", name="True label")).to_have_value("")


def test_a_typed_label_is_stored_by_enter_but_not_by_a_click_elsewhere(page: Page, photographs: Photographs) -> None:
    (file,) = photographs(1)
    mark_as_new(file)
    open_page(page, "/?family=imagenet&versions=v1")
    upload(page, [file])
    expect_cards(page, 1)
    with rerun(page):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Review").click()
    name = page.get_by_label("Reviewer name")
    name.fill("Ada")
    with rerun(page):
        name.press("Enter")
    page.wait_for_timeout(UNSEEN_S * 1000)
    with rerun(page):
        page.get_by_role("button", name=re.compile("^No")).click()
    field = page.get_by_label("A label that no version knows")

    field.fill("a wol")
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_text("No images reviewed yet.")).to_be_visible()
    expect(field).to_have_value("a wol")
    field.fill("a wolf")
    with rerun(page):
        field.press("Enter")

    expect(page.get_by_text("No images left to review.")).to_be_visible()
    expect(page.get_by_text(re.compile("Reviewed so far, of 1: Ada 1"))).to_be_visible()
