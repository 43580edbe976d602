"""What only people who signed in can reach: images, files, uploads, the audit log and metrics."""

import re
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lib.settings import ROOT
from lib.store import Store
from tests.browser.sign_in.signing_in import (
    StartApp,
    as_httpx,
    build_file,
    make_session,
    open_store,
    sign_in,
)
from tests.browser.streamlit_page import expect_cards, open_page, upload
from tests.browser.visit import Visit
from tests.stand_ins.app_server import AppServer


def test_images_and_files_require_a_sign_in(page: Page, context: BrowserContext, app: AppServer) -> None:
    session = make_session(page, app)
    file = build_file(page, app, session, "CSV")
    with page.expect_request(re.compile("/pictures/")) as picture:
        open_page(page, f"{app.url}/history?session={session}&view=matrix")
    addresses = [file, picture.value.url]

    def ask(cookies: dict[str, str]) -> set[int]:
        return {httpx.get(httpx.URL(app.url).join(address), cookies=cookies).status_code for address in addresses}

    signed_in = as_httpx(context)
    forged = {**signed_in, "_streamlit_user": signed_in["_streamlit_user"][:-4] + "AAAA"}
    assert (ask(signed_in), ask({}), ask(forged)) == ({200}, {401}, {401})


def test_uploads_require_a_sign_in(page: Page, context: BrowserContext, app: AppServer) -> None:
    address, file = f"{app.url}/_stcore/upload_file/a-visit/a-file", {"file": ("a.jpg", bytes(1000))}

    stranger = httpx.put(address, files=file)
    sign_in(page, f"{app.url}/", "grace")
    expect(page.get_by_text("grace@example.com · reviewer")).to_be_visible()
    upload(page, [ROOT / "samples/cat.jpg"])

    expect_cards(page, 1)
    assert (stranger.status_code, stranger.text) == (401, "Sign in first.")


@pytest.fixture(scope="module")
def app_of_viewers(start_app: StartApp) -> AppServer:
    """An app at which Eve may look."""
    return start_app(SECOND_LOOK_VIEWERS="eve@example.net")


def test_uploads_of_viewers_are_refused(page: Page, context: BrowserContext, app_of_viewers: AppServer) -> None:
    sign_in(page, f"{app_of_viewers.url}/history", "eve")

    with Visit(app_of_viewers.url, as_httpx(context)) as visit:
        answers = [visit.put("a", b"x"), visit.delete("a")]

    assert [(answer.status_code, answer.text) for answer in answers] == [
        (403, "Uploading needs the role reviewer.")
    ] * 2
    with closing(open_store(app_of_viewers)) as store:
        refused = [entry for entry in store.audit.find() if entry.action == "REFUSED"]
    assert [(entry.actor, entry.details) for entry in refused] == [
        ("eve@example.net", "Uploaded file: needs the role reviewer")
    ]


def test_a_visit_accepts_uploads_only_from_its_own_person(
    page: Page, context: BrowserContext, app: AppServer, store: Store
) -> None:
    sign_in(page, f"{app.url}/history", "grace")
    cookies = as_httpx(context)

    with Visit(app.url, cookies) as visit:
        mine = visit.put("a", b"x").status_code
        elsewhere = [visit.put("a", b"x", visit="another").status_code for _ in range(3)]
        # As somebody else, or after signing out, in the same browser.
        visit.cookies = {"_streamlit_xsrf": cookies["_streamlit_xsrf"]}
        signed_out = visit.put("a", b"x").status_code

    assert (mine, elsewhere, signed_out) == (204, [403] * 3, 401)
    details = [entry.details for entry in store.audit.find() if entry.actor == "grace@example.com"]
    assert details.count("Uploaded file: to a page that is not connected, or not their own") == 1
    assert [each for each in store.audit.find_repeats() if each.action == "UPLOAD_FILE"] == []  # nothing written since


def test_only_admins_download_the_audit_log(browser: Browser, app: AppServer) -> None:
    codes = {}
    for name in ("ada", "grace"):
        context = browser.new_context()
        context.route("**/cdn.jsdelivr.net/**", lambda route: route.abort())
        sign_in(context.new_page(), f"{app.url}/history", name)
        codes[name] = httpx.get(f"{app.url}/log.csv", cookies=as_httpx(context)).status_code
        context.close()

    assert (codes, httpx.get(f"{app.url}/log.csv").status_code) == ({"ada": 200, "grace": 403}, 401)


def test_server_metrics_require_a_sign_in(page: Page, context: BrowserContext, app: AppServer) -> None:
    address = f"{app.url}/_stcore/metrics"

    stranger = httpx.get(address)
    sign_in(page, f"{app.url}/", "grace")

    assert (stranger.status_code, httpx.get(address, cookies=as_httpx(context)).status_code) == (401, 200)
