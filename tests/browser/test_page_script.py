"""The page's one script: the list of keys, held keys, and the name that survives a refresh."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Request, expect

from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.review.early_keys import UNSEEN_S
from tests.browser.review_steps import hold, open_review, picture
from tests.browser.streamlit_page import open_page, rerun, wait_until_idle
from tests.stand_ins.app_server import AppServer


def test_a_question_mark_shows_the_keys_of_the_page(page: Page, session: Session) -> None:
    open_review(page, session, "Grace")

    page.keyboard.press("?")

    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    actions = keys.get_by_role("definition")
    expect(actions.get_by_text("Unsure", exact=True)).to_be_visible()
    expect(actions.get_by_text("None of these", exact=True)).to_be_visible()
    expect(actions.get_by_text("Undo", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


def test_a_question_mark_can_be_typed_into_a_field(page: Page, session: Session) -> None:
    open_review(page, session, "Grace")
    note = page.get_by_label("Note on this image")

    note.click()
    page.keyboard.type("blurred?")

    expect(note).to_have_value("blurred?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_held_key_is_sent_once(page: Page, session: Session, store: Store) -> None:
    open_review(page, session, "Grace")
    page.wait_for_timeout(UNSEEN_S * 1000)

    hold(page, "u")
    wait_until_idle(page)

    assert store.annotations.count_reviewed(session.id) == {"Grace": 1}


def test_enter_held_on_an_answer_labels_one_image(page: Page, session: Session, store: Store) -> None:
    open_review(page, session, "Grace")
    page.get_by_role("button", name="Unsure").focus()
    page.wait_for_timeout(UNSEEN_S * 1000)

    hold(page, "Enter")
    wait_until_idle(page)

    assert store.annotations.count_reviewed(session.id) == {"Grace": 1}


def test_keys_of_the_browser_still_repeat(page: Page, session: Session) -> None:
    open_review(page, session, "Grace")
    passed = "window.passed = []; addEventListener('keydown', event => event.repeat && passed.push(event.key))"
    page.evaluate(passed)

    hold(page, "ArrowDown")
    hold(page, "Space")
    page.keyboard.down("Control")
    hold(page, "u")
    page.keyboard.up("Control")

    assert set(page.evaluate("passed")) == {"ArrowDown", " ", "u"}


def test_arrow_keys_repeat_on_pages_without_shortcuts_for_them(page: Page) -> None:
    open_page(page, "/history")
    page.evaluate("window.passed = 0; addEventListener('keydown', event => event.repeat && passed++)")

    hold(page, "ArrowRight")

    assert page.evaluate("passed") == 19


def test_focus_moves_to_the_content_if_the_used_button_is_gone(page: Page, session: Session) -> None:
    open_review(page, session, "Grace")
    page.wait_for_timeout(UNSEEN_S * 1000)
    none_of_these = page.get_by_role("button", name="None of these")

    with rerun(page):
        none_of_these.press("Enter")

    expect(none_of_these).to_have_count(0)
    expect(page.get_by_test_id("stMain")).to_be_focused()


@pytest.mark.parametrize(
    ("cookie", "name"),
    [
        ("%00%1b[31mEve%E2%80%AE", "[31mEve"),
        ("%ff%fe", "��"),
        ("%E0%A4%95%E2%80%8D%E0%A4%B7", "क\u200dष"),
        ("A" * 500, "A" * 60),
    ],
)
def test_a_name_from_a_hostile_cookie_is_cleaned(page: Page, session: Session, cookie: str, name: str) -> None:
    page.context.add_cookies([{"name": "second-look-name", "value": cookie, "url": page.url}])

    open_page(page, f"/review?session={session.id}")

    expect(page.get_by_label("Your name")).to_have_value(name)


def test_the_name_survives_a_refresh_and_a_new_tab(page: Page, session: Session) -> None:
    open_review(page, session, "Gr\u00e4ce & Co.")

    with rerun(page):
        page.reload()
    tab = page.context.new_page()
    open_page(tab, f"/review?session={session.id}")

    expect(picture(page)).to_be_visible()
    expect(picture(tab)).to_be_visible()
    expect(tab.get_by_label("Your name")).to_have_value("Gr\u00e4ce & Co.")
    tab.close()


def test_focus_stays_on_the_used_button(page: Page, session: Session) -> None:
    open_review(page, session, "Grace")
    following = page.get_by_role("button", name="Next")

    with rerun(page):
        following.press("Enter")

    expect(following).to_be_focused()


def test_the_script_works_below_a_base_path_and_keeps_its_cookie_there(page: Page, tmp_path: Path) -> None:
    with AppServer(tmp_path, STREAMLIT_SERVER_BASE_URL_PATH="look") as server:
        open_page(page, server.url)
        name = page.get_by_label("Your name")
        name.fill("Grace")
        with rerun(page):
            name.press("Enter")
        page.mouse.click(700, 20)
        page.keyboard.press("?")

        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == "second-look-name"]
        assert (cookie["value"], cookie["path"]) == ("Grace", "/look/")


def test_few_files_are_uploaded_at_once_and_all_arrive(page: Page, app_server: AppServer) -> None:
    open_page(page, app_server.url)
    requests = {"open": 0, "most": 0, "all": 0}

    def begin(request: Request) -> None:
        if request.method == "PUT":
            requests["all"] += 1
            requests["open"] += 1
            requests["most"] = max(requests["most"], requests["open"])

    def end(request: Request) -> None:
        requests["open"] -= request.method == "PUT"

    page.on("request", begin)
    page.on("requestfinished", end)
    files: list[FilePayload] = [
        {"name": f"{number}.txt", "mimeType": "text/plain", "buffer": b"no image"} for number in range(30)
    ]
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)

    expect(page.get_by_text("30 files not added")).to_be_visible()
    assert requests["all"] == 30
    assert requests["most"] < 10  # the driver hears of an end a little later than the page
