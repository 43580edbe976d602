"""A team's journeys: two replicas of the app, with PostgreSQL, behind nginx with TLS and below a path."""

import random
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lib.settings import ROOT
from tests.browser.review_steps import picture, press
from tests.browser.sign_in.signing_in import ASK, as_httpx, is_at, sign_in
from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.openid_provider import OpenIdProvider
from tests.stand_ins.postgresql_server import PostgresqlServer
from tests.stand_ins.replicas import BASE_PATH, COOKIE, Replicas

SAMPLES = [ROOT / "samples/cat.jpg", ROOT / "samples/espresso.jpg"]


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider) -> Iterator[Replicas]:
    with PostgresqlServer() as postgresql, Replicas(tmp_path_factory.mktemp("team"), postgresql, provider) as running:
        yield running


@pytest.fixture(scope="module")
def cookies(replicas: Replicas, browser: Browser) -> dict[str, list[Any]]:
    """Cookies of people who have signed in, by name."""
    signed_in = {}
    for name in ("ada", "grace"):
        with closing(browser.new_context(ignore_https_errors=True)) as context:
            context.route("**/cdn.jsdelivr.net/**", lambda route: route.abort())
            sign_in(context.new_page(), f"{replicas.url}/history", name)
            signed_in[name] = [cookie for cookie in context.cookies() if cookie["name"] != COOKIE]
    return signed_in


@pytest.fixture
def ada(page: Page, context: BrowserContext, cookies: dict[str, list[Any]]) -> Page:
    """A page of Ada, on any replica."""
    context.add_cookies(cookies["ada"])
    return page


@pytest.fixture
def grace(browser: Browser, cookies: dict[str, list[Any]]) -> Iterator[Page]:
    """A page of Grace, in a window of her own."""
    with closing(browser.new_context(ignore_https_errors=True)) as context:
        context.add_cookies(cookies["grace"])
        yield context.new_page()


@pytest.fixture(scope="module")
def session(replicas: Replicas, cookies: dict[str, list[Any]], browser: Browser) -> str:
    """Id of a session of two photographs that both versions predicted."""
    with closing(browser.new_context(ignore_https_errors=True)) as context:
        context.add_cookies(cookies["ada"])
        page = context.new_page()
        open_page(page, f"{replicas.url}/")
        upload(page, SAMPLES)
        expect_cards(page, 2)
        return find_session(page)


# Whether the page has lost its connection, has another one, and is being drawn by it.
_NOTE_RECONNECTION = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  let isLost = false;
  new MutationObserver(() => {
    const isConnected = app.dataset.testConnectionState === 'CONNECTED';
    isLost ||= !isConnected;
    window.reconnected ||= isLost && isConnected && app.dataset.testScriptState === 'running';
  }).observe(app, {attributes: true});
}"""


def find_session(page: Page) -> str:
    return str(re.search(r"session=([\w-]+)", page.url)[1])  # type: ignore[index]


def go_to(context: BrowserContext, replicas: Replicas, server: AppServer) -> None:
    """Have this window's requests answered by this replica."""
    key = {"name": COOKIE, "value": replicas.find_key(server), "domain": "localhost", "path": f"{BASE_PATH}/"}
    context.add_cookies([key])  # type: ignore[list-item]


def find_widths(page: Page, selector: str) -> list[int]:
    """Widths of loaded images; 0 for one that did not load."""
    page.wait_for_function(
        "selector => [...document.querySelectorAll(selector)].every(image => image.complete)", arg=selector
    )
    widths: list[int] = page.locator(selector).evaluate_all("images => images.map(image => image.naturalWidth)")
    return widths


def test_a_deep_link_opens_after_the_sign_in(page: Page, context: BrowserContext, replicas: Replicas) -> None:
    sign_in(page, f"{replicas.url}/history?sort=Title", "grace")

    expect(page.get_by_text("grace@example.com · reviewer")).to_be_visible()
    assert is_at(page, f"{replicas.url}/history", sort="Title")
    assert all(cookie["secure"] for cookie in context.cookies() if "localhost" in str(cookie["domain"]))


def test_a_sample_is_predicted_and_shown(ada: Page, replicas: Replicas) -> None:
    open_page(ada, f"{replicas.url}/")
    with rerun(ada):
        ada.get_by_role("tab", name="Samples").click()
    samples = find_widths(ada, "img.thumbnail")

    ada.get_by_role("button", name="espresso.jpg", exact=True).click()

    expect_cards(ada, 1)
    assert samples
    assert all([*samples, *find_widths(ada, "img.thumbnail")])


def test_the_list_of_sessions_leads_to_a_session_with_its_images(ada: Page, replicas: Replicas, session: str) -> None:
    open_page(ada, f"{replicas.url}/history")
    with ada.expect_response(re.compile(f"{BASE_PATH}/pictures/{session}/.*/small")) as thumbnail:
        ada.goto(f"{replicas.url}/history?session={session}&view=matrix")

    assert thumbnail.value.status == 200


@pytest.mark.parametrize(("kind", "start"), [("CSV", '\ufeff"image"'), ("Report", "<!doctype html>")])
def test_an_export_is_downloaded(ada: Page, replicas: Replicas, session: str, kind: str, start: str) -> None:
    open_page(ada, f"{replicas.url}/history?session={session}&view=matrix&part=Export")
    ada.get_by_role("button", name=f"Export {kind}", exact=True).click()
    with ada.expect_download() as download:
        ada.get_by_role("link", name=re.compile("Download")).click()

    assert Path(download.value.path()).read_text(encoding="utf-8").lower().startswith(start)


def test_a_share_link_opens_without_a_sign_in(ada: Page, browser: Browser, replicas: Replicas, session: str) -> None:
    open_page(ada, f"{replicas.url}/history?session={session}&view=matrix&part=Share")
    with rerun(ada):
        ada.get_by_role("button", name="Create link").click()
    link = ada.get_by_test_id("stCode").inner_text().strip()
    with closing(browser.new_context(ignore_https_errors=True)) as context:
        stakeholder = context.new_page()
        with stakeholder.expect_response(re.compile(f"{BASE_PATH}/shared-pictures/")) as thumbnail:
            open_page(stakeholder, link)

        expect(stakeholder.get_by_text("2 of 2 images")).to_be_visible()
        assert thumbnail.value.status == 200
    assert link.startswith(f"{replicas.url}/shared?")


def test_programs_call_the_api_below_the_path(replicas: Replicas) -> None:
    with closing(replicas.open_store()) as store:
        token = store.people.add_token("", "grace@example.com", datetime.now(UTC))

    codes = [replicas.get(ASK, authorization=f"Bearer {shown}").status_code for shown in (token, "guessed")]

    assert codes == [200, 401]


def test_old_addresses_lead_to_pages_below_the_path(replicas: Replicas) -> None:
    answers = [replicas.get(path) for path in ("", "/probe?session=a")]

    assert [answer.headers["location"] for answer in answers] == [
        f"{BASE_PATH}/",
        f"{BASE_PATH}/robustness?session=a",
    ]


def test_reviewers_on_two_replicas_see_each_others_counts(
    ada: Page, grace: Page, replicas: Replicas, session: str
) -> None:
    for page, server in zip((ada, grace), replicas.servers, strict=True):
        go_to(page.context, replicas, server)
        open_page(page, f"{replicas.url}/review?session={session}")
    expect(picture(ada)).to_be_visible()
    ada.mouse.click(700, 20)

    press(ada, "u")

    # A joint that nobody sees keeps an address from becoming a link.
    expect(grace.get_by_text(re.compile("Reviewed so far, of 2: ada@.?example.com 1"))).to_be_visible()


def test_journeys_go_on_while_their_replica_is_killed_and_when_it_is_back(
    ada: Page, context: BrowserContext, replicas: Replicas, session: str, tmp_path: Path
) -> None:
    first, second = replicas.servers
    go_to(context, replicas, first)
    exporting = context.new_page()
    addresses = {ada: f"/?session={session}", exporting: f"/history?session={session}&view=matrix&part=Export"}
    for page, address in addresses.items():
        open_page(page, f"{replicas.url}{address}")
        page.evaluate(_NOTE_RECONNECTION)

    first.kill()
    for page in addresses:
        page.wait_for_function("() => window.reconnected")
    with rerun(exporting):
        exporting.get_by_role("button", name="Export CSV", exact=True).click()
    link = exporting.get_by_role("link", name=re.compile("Download"))
    expect(link).to_be_visible()
    taken_over_by = replicas.find_server(as_httpx(context)[COOKIE])
    first.start()
    # The cookie leads to the first one again, while the pages are still connected to the second one.
    replicas.wait_until_back(first)
    upload(ada, [make_large_file(tmp_path)])
    expect_cards(ada, 3)
    with exporting.expect_download() as download:
        link.click()

    assert taken_over_by is second
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").startswith('"image"')


def make_large_file(folder: Path) -> Path:
    """A file of some 7 MB, more than a proxy can pass on at once."""
    size = (1500, 1500)
    Image.frombytes("RGB", size, random.Random(8501).randbytes(3 * size[0] * size[1])).save(folder / "large.png")
    return folder / "large.png"


def test_signing_out_on_one_replica_holds_on_the_other(page: Page, context: BrowserContext, replicas: Replicas) -> None:
    sign_in(page, f"{replicas.url}/history", "grace")
    signed_in = as_httpx(context)
    keys = [replicas.find_key(server) for server in replicas.servers]

    def ask() -> list[int]:
        return [replicas.get("/samples/cat.jpg", {**signed_in, COOKIE: key}).status_code for key in keys]

    before = ask()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("end_session"))

    assert (before, ask()) == ([200, 200], [401, 401])
