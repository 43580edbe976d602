"""What a person does on the Predict page, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload, wait_until_idle
from tests.stand_ins.app_server import AppServer

Photographs = Callable[[int], list[Path]]


def choose_sample(page: Page, name: str) -> None:
    with rerun(page):
        page.get_by_role("tab", name="Samples").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_five_uploaded_photographs_become_five_cards_with_the_bars_of_both_versions(
    page: Page, photographs: Photographs
) -> None:
    open_page(page, "/")

    upload(page, photographs(5))

    expect_cards(page, 5)
    # Five labels from two versions.
    expect(page.locator(".js-plotly-plot").first.locator(".bars .point")).to_have_count(10)
    expect(page).to_have_url(re.compile(r"[?&]session="))


def test_a_webcam_snapshot_becomes_a_card(page: Page) -> None:
    open_page(page, "/")
    with rerun(page):
        page.get_by_role("tab", name="Webcam").click()
    # A click before the camera's first frame takes nothing.
    page.wait_for_function("() => document.querySelector('[data-testid=stCameraInput] video')?.videoHeight > 0")

    page.get_by_test_id("stCameraInputButton").click()

    expect_cards(page, 1)
    expect(page.get_by_text(re.compile(r"1280 × 720 px"))).to_be_visible()


def test_the_camera_is_requested_only_in_its_tab(page: Page) -> None:
    open_page(page, "/")

    expect(page.get_by_role("tab", name="Webcam")).to_be_visible()
    expect(page.get_by_test_id("stCameraInput")).to_have_count(0)


def test_one_click_on_a_sample_photograph_predicts_it(page: Page) -> None:
    open_page(page, "/")

    choose_sample(page, "espresso.jpg")

    expect_cards(page, 1)
    expect(page.locator(".js-plotly-plot .yaxislayer-above text").first).to_have_text("espresso")


def test_a_refresh_keeps_all_cards(page: Page, photographs: Photographs) -> None:
    open_page(page, "/")
    upload(page, photographs(3))
    expect_cards(page, 3)

    page.reload()

    expect_cards(page, 3)


def test_the_address_opens_the_same_cards_in_another_browser(
    page: Page, browser: Browser, browser_context_args: dict[str, Any], photographs: Photographs
) -> None:
    open_page(page, "/")
    upload(page, photographs(2))
    expect_cards(page, 2)

    with browser.new_context(**browser_context_args) as other_visitor:
        other_page = other_visitor.new_page()
        open_page(other_page, page.url)
        expect_cards(other_page, 2)


def test_stored_predictions_survive_a_killed_server(
    browser: Browser, browser_context_args: dict[str, Any], tmp_path: Path, photographs: Photographs
) -> None:
    with (
        AppServer(tmp_path) as server,
        browser.new_context(**{**browser_context_args, "base_url": server.url}) as visitor,
    ):
        page = visitor.new_page()
        open_page(page, "/")
        upload(page, photographs(2))
        expect_cards(page, 2)

        server.kill()
        server.start()
        page.goto(page.url)

        expect_cards(page, 2)


def test_an_invalid_file_is_reported_and_the_others_are_predicted(
    page: Page, photographs: Photographs, tmp_path: Path
) -> None:
    note = tmp_path / "<img src=x onerror=alert(1)>.jpg"
    note.write_text("milk, eggs")
    open_page(page, "/")

    upload(page, [note, *photographs(2)])

    expect_cards(page, 2)
    expect(page.get_by_text("<img src=x onerror=alert(1)>.jpg: ")).to_be_visible()


def test_a_file_over_30_mb_is_reported_and_the_others_are_predicted(
    page: Page, photographs: Photographs, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.jpg"
    huge.write_bytes(b"\xff\xd8" + bytes(31 << 20))
    open_page(page, "/")

    upload(page, [huge, *photographs(1)])

    expect_cards(page, 1)
    expect(page.get_by_text(re.compile("huge.jpg: .*30 MB"))).to_be_visible()


def test_the_threshold_mutes_bars_and_is_in_the_address(page: Page) -> None:
    open_page(page, "/")
    choose_sample(page, "espresso.jpg")
    expect_cards(page, 1)

    with rerun(page):
        page.get_by_role("slider", name="Score threshold").press("End")

    expect(page.get_by_text("No label scores 1.00 or more")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]threshold=1"))


def test_a_failed_call_shows_its_reason_and_can_be_retried(page: Page) -> None:
    open_page(page, "/?family=faults&versions=busy")
    choose_sample(page, "cat.jpg")
    expect(page.get_by_text(re.compile("busy: .*too many requests"))).to_be_visible()
    wait_until_idle(page)

    page.get_by_role("button", name="Retry failed").click()

    expect(page.get_by_role("button", name="Stop")).to_be_visible()


def test_stop_ends_a_run_and_predict_continues_it(page: Page, photographs: Photographs) -> None:
    open_page(page, "/?family=faults&versions=slow")
    upload(page, photographs(60))  # more than are asked for at once: some are left when it is pressed

    page.get_by_role("button", name="Stop").click()

    expect(page.get_by_role("button", name="Predict", exact=True)).to_be_visible()
    expect(page.get_by_text("Not predicted yet").first).to_be_visible()


def test_a_phone_shows_cards_in_one_column_without_horizontal_scrolling(
    playwright: Playwright, browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    phone = {**browser_context_args, **playwright.devices["iPhone 13"]}
    with browser.new_context(**phone) as visitor:
        page = visitor.new_page()
        open_page(page, "/")
        choose_sample(page, "cat.jpg")
        expect_cards(page, 1)

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        card = page.get_by_test_id("stPlotlyChart").bounding_box()
        assert card is not None
        assert card["width"] > 280


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(247, 247, 246)"), ("dark", "rgb(22, 24, 27)")])
def test_the_page_follows_the_visitors_theme(
    browser: Browser, browser_context_args: dict[str, Any], scheme: str, ground: str
) -> None:
    with browser.new_context(**{**browser_context_args, "color_scheme": scheme}) as visitor:
        page = visitor.new_page()
        open_page(page, "/")

        background = page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")

    assert background == ground


def test_charts_and_images_have_descriptions_for_screen_readers(page: Page) -> None:
    open_page(page, "/")
    choose_sample(page, "espresso.jpg")
    expect_cards(page, 1)

    with rerun(page):
        page.get_by_role("tab", name="Upload").click()

    expect(page.get_by_role("img", name="espresso.jpg", exact=True)).to_be_visible()
    expect(page.get_by_label(re.compile(r"Scores of espresso\.jpg\. v1: espresso 0\.\d\d"))).to_be_visible()


def test_history_opens_a_session_as_a_matrix_and_predict_shows_its_cards(page: Page, photographs: Photographs) -> None:
    open_page(page, "/")
    upload(page, photographs(2))
    expect_cards(page, 2)
    with rerun(page):
        page.get_by_role("button", name="New session").click()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    with rerun(page):
        page.get_by_role("link", name="History", exact=True).click()

    page.get_by_role("link", name=re.compile("^Session ")).first.click()
    expect(page.get_by_text("2 of 2 images ·")).to_be_visible()
    wait_until_idle(page)
    page.get_by_role("link", name="Predict", exact=True).click()

    expect_cards(page, 2)


def test_a_folder_of_photographs_can_be_uploaded(page: Page, photographs: Photographs) -> None:
    folder = photographs(3)[0].parent
    open_page(page, "/")
    with rerun(page):
        page.get_by_text("Upload a folder").click()

    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(folder)

    expect_cards(page, 3)


def test_back_and_forward_keep_the_versions_of_a_session(page: Page, tmp_path: Path) -> None:
    # Of a photograph that other journeys have too, other versions may have answers.
    picture = tmp_path / "own.png"
    Image.new("RGB", (97, 89), (12, 34, 56)).save(picture)
    open_page(page, "/?family=faults&versions=slow")
    upload(page, [picture])
    expect_cards(page, 1)
    open_page(page, "/?" + re.search(r"session=[\w-]+", page.url)[0])  # type: ignore[index]
    before = page.evaluate("history.length")
    with rerun(page):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Models").click()

    with rerun(page):  # a page makes an entry of each of its parameters
        page.evaluate("before => history.go(before - history.length)", before)

    expect(page.get_by_role("heading", level=1)).to_have_text("Predict")
    expect(page.get_by_role("combobox", name="Model family")).to_have_value("faults")
    expect(page.get_by_test_id("stMultiSelect")).to_contain_text("slow")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(1)
