"""Work with an existing session: add a version, set true labels, read the verdict, export it."""

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload, wait_until_idle

Photographs = Callable[[int], list[Path]]

_ROW_PX = 64
_HEADER_PX = 36
_CHECKBOX_PX = 18
_OPEN_PX = 70


@pytest.fixture
def session_page(page: Page, photographs: Photographs) -> Page:
    """A page on the matrix of a session with four photographs that only v1 was asked about, ever."""
    files = photographs(4)
    for file in files:
        mark_as_new(file)
    open_page(page, "/?versions=v1")
    upload(page, files)
    expect_cards(page, 4)
    page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("^Session ")).click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    wait_until_idle(page)
    return page


def mark_as_new(file: Path) -> None:
    """Draw something on the photograph that no other test has drawn."""
    with Image.open(file) as picture:
        ImageDraw.Draw(picture).text((10, 10), file.parent.name + uuid4().hex, fill="white")
        picture.save(file)


def table(page: Page) -> Locator:
    return page.get_by_test_id("stDataFrame")


def click_row(page: Page, row: int, across_px: int) -> None:
    """Click into the matrix, which is drawn on a canvas: only places can be clicked, once rows are there and still."""
    expect(table(page).locator(f"#glide-cell-1-{row}")).to_have_count(1)
    table(page).click(position={"x": across_px, "y": _HEADER_PX + row * _ROW_PX + _ROW_PX / 2})


def ask_other_version(page: Page) -> None:
    page.get_by_role("button", name="Predict 4 images").click()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_role("button", name="Predict 4 images")).to_have_count(0)
    wait_until_idle(page)


def select_row(page: Page, row: int, offer: Locator) -> None:
    """Select a row of the drawn table. On a busy machine a click can come before the table listens: click again."""
    for _ in range(3):
        with rerun(page):
            click_row(page, row, _CHECKBOX_PX)
        with suppress(AssertionError):
            expect(offer).to_be_visible(timeout=10_000)
            return
    expect(offer).to_be_visible()


def set_truth(page: Page, rows: list[int], label: str) -> None:
    for count, row in enumerate(rows, 1):
        select_row(page, row, page.get_by_role("button", name=f"Set label of {count} image"))
    box = page.get_by_role("combobox", name="True label")
    box.fill(label)
    with rerun(page):
        box.press("Enter")
    with rerun(page):
        page.get_by_role("button", name=f"Set label of {len(rows)} image").click()


def test_a_version_is_added_true_labels_are_set_and_the_verdict_is_shown(session_page: Page) -> None:
    ask_other_version(session_page)
    set_truth(session_page, [0, 1], "alp")

    with rerun(session_page):
        session_page.get_by_role("link", name="Compare").click()

    expect(session_page.get_by_text(re.compile("disagreements? labeled"))).to_be_visible()


def test_images_are_added_to_the_must_not_regress_set_and_removed_from_it(session_page: Page) -> None:
    for row in (0, 2):
        with rerun(session_page):
            click_row(session_page, row, _CHECKBOX_PX)
    with rerun(session_page):
        session_page.get_by_role("button", name="Add to must-not-regress set").click()
    # The selection is done.
    expect(session_page.get_by_text("Select images to set their true label.")).to_be_visible()

    with rerun(session_page):
        session_page.get_by_role("button", name="Must not regress").click()
    expect(session_page.get_by_text("2 of 4 images")).to_be_visible()
    with rerun(session_page):
        click_row(session_page, 0, _CHECKBOX_PX)
    with rerun(session_page):
        session_page.get_by_role("button", name="Remove from set").click()

    expect(session_page.get_by_text("1 of 4 images")).to_be_visible()


def test_a_row_opens_its_image_and_the_arrow_keys_move_to_others(session_page: Page) -> None:
    with rerun(session_page):
        click_row(session_page, 0, 32 + _OPEN_PX // 2)
    dialog = session_page.get_by_role("dialog")
    name = dialog.get_by_text(re.compile(r"^photograph-\d{3}\.jpg$"))
    expect(name).to_be_visible()
    first = name.text_content()

    with rerun(session_page):
        dialog.get_by_role("button", name=re.compile("Next")).click()

    expect(name).not_to_have_text(str(first))
    expect(session_page).to_have_url(re.compile("image=[0-9a-f]{64}"))
    session_page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(session_page).not_to_have_url(re.compile("image="))


def test_a_card_shows_the_image_that_was_predicted(session_page: Page) -> None:
    with rerun(session_page):
        click_row(session_page, 0, 32 + _OPEN_PX // 2)

    source = session_page.get_by_role("dialog").locator(".js-plotly-plot image").first.get_attribute("href")

    # Plotly fetches the picture and holds it as a data URL, or names its address.
    assert source is not None
    assert source.startswith(("data:image", "/pictures/"))


def test_filters_are_in_the_address_and_apply_in_another_window(
    session_page: Page, browser: Browser, base_url: str
) -> None:
    with rerun(session_page):
        session_page.get_by_test_id("stButtonGroup").get_by_text("Unreviewed").click()
    with rerun(session_page):
        session_page.get_by_label("Top score below").fill("0.01")
        session_page.keyboard.press("Enter")
    expect(session_page.get_by_text("No matching images")).to_be_visible()

    other = browser.new_page()
    open_page(other, session_page.url)

    expect(other.get_by_text("No matching images")).to_be_visible()
    other.close()


def test_a_session_is_renamed_archived_and_deleted_from_the_list(session_page: Page) -> None:
    title = session_page.get_by_label("Title")
    title.fill("To be thrown away")
    with rerun(session_page):
        title.press("Enter")
    with rerun(session_page):
        session_page.get_by_role("link", name="All sessions").click()
    row = session_page.locator("[class*='st-key-row-']").filter(has_text="To be thrown away")

    row.get_by_role("button", name="Actions").click()
    with rerun(session_page):
        session_page.get_by_text("Delete", exact=True).click()
    dialog = session_page.get_by_role("dialog")
    expect(dialog.get_by_text("permanently deletes")).to_be_visible()
    with rerun(session_page):
        dialog.get_by_role("button", name="Delete session").click()

    expect(session_page.get_by_text("To be thrown away")).to_have_count(0)


def take_along(page: Page, kind: str, ending: str, folder: Path) -> Path:
    page.get_by_role("button", name=f"Export {kind}", exact=True).click()
    link = page.get_by_role("link", name=re.compile(rf"Download .*\.{ending}$"))
    expect(link).to_be_visible()
    with page.expect_download() as started:
        link.click()
    saved = folder / started.value.suggested_filename
    started.value.save_as(saved)
    return saved


def test_csv_json_lines_and_report_are_downloaded_and_the_report_opens_offline(
    session_page: Page, browser: Browser, tmp_path: Path
) -> None:
    ask_other_version(session_page)
    set_truth(session_page, [0, 1], "alp")
    with rerun(session_page):
        session_page.get_by_role("tab", name="Export").click()

    report = take_along(session_page, "Report", "html", tmp_path)
    table_file = take_along(session_page, "CSV", "csv", tmp_path)
    lines = take_along(session_page, "JSON Lines", "jsonl", tmp_path)

    rows = list(csv.DictReader(io.StringIO(table_file.read_text(encoding="utf-8-sig"))))
    assert [row["version"] for row in rows] == ["v1", "v2"] * 4
    assert {len(json.loads(line)["annotations"]) for line in lines.read_text(encoding="utf-8").splitlines()} == {1000}
    expect_report(browser, report)


def expect_report(browser: Browser, report: Path) -> None:
    """The file shows verdict, charts and pictures in a browser without any network, and nothing goes wrong there."""
    offline = browser.new_context(offline=True)
    page, troubles = offline.new_page(), list[str]()
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: troubles.append(request.url) if request.url.startswith("http") else None)

    page.goto(report.as_uri())

    expect(page.get_by_text(re.compile("disagreements? labeled"))).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert page.locator("img").count() >= 4
    assert troubles == []
    offline.close()


def test_matrix_and_verdict_fit_the_width_of_a_phone(session_page: Page, browser: Browser, base_url: str) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    for address in (session_page.url, session_page.url.replace("/history", "/compare")):
        open_page(phone, address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390

    phone.close()


def click_mark(page: Page, mark: Locator, leads_to: Locator) -> None:
    """Click a mark in a chart; again where the chart did not listen yet, or was drawn anew meanwhile."""
    for _ in range(3):
        with suppress(PlaywrightError), rerun(page):
            click_middle(page, mark)
        with suppress(AssertionError):
            expect(leads_to).to_be_visible(timeout=5_000)
            return


def click_middle(page: Page, mark: Locator) -> None:
    """Click the middle of a mark, whose own layer receives the click, once the mark is still."""
    mark.scroll_into_view_if_needed(timeout=5_000)
    mark.element_handle(timeout=5_000).wait_for_element_state("stable", timeout=5_000)
    box = mark.bounding_box(timeout=5_000)
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_selecting_a_trend_point_opens_its_images(session_page: Page) -> None:
    set_truth(session_page, [0, 1, 2, 3], "surely something else")
    with rerun(session_page):
        session_page.get_by_role("tab", name="Trends").click()
    point = session_page.locator(".js-plotly-plot .scatterlayer .point").first
    expect(point).to_be_visible()

    wrong = session_page.get_by_text(re.compile("4 of 4 images"))
    click_mark(session_page, point, leads_to=wrong)

    expect(wrong).to_be_visible()
    expect(session_page).to_have_url(re.compile("rows=Wrong"))


def test_selecting_a_confusion_cell_lists_its_images(session_page: Page) -> None:
    ask_other_version(session_page)
    set_truth(session_page, [0, 1, 2, 3], "surely something else")
    open_page(session_page, session_page.url.replace("/history", "/compare") + "&detail=Confusion")
    with rerun(session_page):
        session_page.get_by_test_id("stButtonGroup").get_by_text("v1", exact=True).click()
    counted = session_page.locator(".js-plotly-plot .scatterlayer text").filter(has_text=re.compile("^1$"))

    listed = session_page.get_by_text(re.compile("^1 image: true label surely something else, predicted "))
    click_mark(session_page, counted.first, leads_to=listed)

    expect(listed).to_be_visible()
