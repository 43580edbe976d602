"""People sign in with a real OpenID provider, and sign out."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lib.store import Store
from tests.browser.sign_in.signing_in import (
    ASK,
    StartApp,
    as_httpx,
    is_at,
    make_session,
    sign_in,
)
from tests.browser.streamlit_page import open_page, rerun
from tests.stand_ins.app_server import AppServer


def test_a_deep_link_opens_after_the_sign_in(page: Page, start_app: StartApp) -> None:
    server = start_app()

    sign_in(page, f"{server.url}/history?sort=title&archived=true", "ada")

    expect(page.get_by_role("heading", name="History")).to_be_visible()
    assert is_at(page, f"{server.url}/history", sort="title", archived="true")
    expect(page.get_by_text("ada@example.com · admin")).to_be_visible()


def test_sign_in_protects_all_paths_below_a_base_path(page: Page, context: BrowserContext, start_app: StartApp) -> None:
    server = start_app(STREAMLIT_SERVER_BASE_URL_PATH="look")
    shut = ["/_stcore/metrics", "/log.csv", "/samples/cat.jpg", "/pictures/a/b", "/exports/a", ASK]
    strangers = [httpx.get(f"{server.url}{path}").status_code for path in shut]
    uploads = [
        httpx.request(method, f"{server.url}/_stcore/upload_file/a-visit/a-file").status_code
        for method in ("PUT", "DELETE")
    ]

    sign_in(page, f"{server.url}/history?sort=title&archived=true", "ada")

    expect(page.get_by_text("ada@example.com · admin")).to_be_visible()
    assert is_at(page, f"{server.url}/history", sort="title", archived="true")
    assert {cookie["path"] for cookie in context.cookies() if cookie["name"] == "_streamlit_user"} == {"/look"}
    assert strangers + uploads == [401] * 8


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("eve", "eve@example.net has no access"), ("unverified-ada", "has not verified the address ada@example.com")],
)
def test_uninvited_and_unverified_people_are_not_admitted(page: Page, app: AppServer, name: str, sentence: str) -> None:
    sign_in(page, f"{app.url}/history", name)

    # A joint that nobody sees keeps an address from becoming a link.
    expect(page.get_by_text(re.compile(re.escape(sentence).replace("@", "@\u2060?")))).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()


def test_signing_out_ends_every_window_and_copied_cookies(
    page: Page, context: BrowserContext, browser: Browser, app: AppServer, store: Store
) -> None:
    sign_in(page, f"{app.url}/history", "ada")
    thief = browser.new_context()
    thief.add_cookies([{**cookie} for cookie in context.cookies()])  # type: ignore[typeddict-item]
    stolen = thief.new_page()
    open_page(stolen, f"{app.url}/history")
    expect(stolen.get_by_role("heading", name="History")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("end_session"))
    open_page(page, f"{app.url}/history")
    with rerun(stolen):
        stolen.get_by_role("link", name="Compare").click()

    expect(page.get_by_text("Sign in to continue to this page.")).to_be_visible()
    expect(stolen.get_by_text("You signed out.")).to_be_visible()
    # Though the button leads on to Streamlit's address for it.
    assert find_actions(store, "ada@example.com").count("SIGN_OUT") == 1
    thief.close()


def test_the_sign_out_address_works_only_from_the_apps_own_pages(
    page: Page, context: BrowserContext, app: AppServer, store: Store
) -> None:
    sign_in(page, f"{app.url}/history", "grace")
    cookies = as_httpx(context)

    def ask(path: str, **headers: str) -> int:
        return httpx.get(f"{app.url}{path}", headers=headers, cookies=cookies).status_code

    foreign = [
        ask("/auth/logout", referer="http://evil.example/"),
        ask("/auth/logout", **{"sec-fetch-site": "cross-site"}),
    ]
    still_in = ask("/samples/cat.jpg")
    left = [ask("/auth/logout"), ask("/auth/logout")]

    assert (foreign, still_in, left, ask("/samples/cat.jpg")) == ([403, 403], 200, [302, 302], 401)
    assert find_actions(store, "grace@example.com").count("SIGN_OUT") == 1


def find_actions(store: Store, address: str) -> list[str]:
    """What the log has of somebody, the latest first."""
    return [entry.action for entry in store.audit.find(limit=1000) if entry.actor == address]


def test_an_expired_sign_in_ends_on_an_open_page(page: Page, start_app: StartApp) -> None:
    server = start_app(SECOND_LOOK_SIGN_IN_HOURS="0.01")  # 36 seconds
    session = make_session(page, server)

    open_page(page, f"{server.url}/review?session={session}")
    expect(page.get_by_text("No images reviewed yet.")).to_be_visible()

    expect(page.get_by_text("sign-in has expired")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("No images reviewed yet.")).to_be_hidden()
