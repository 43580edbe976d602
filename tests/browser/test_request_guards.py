"""What strangers, other sites' pages and other visitors cannot do, below a base path as at the root."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus

from lib.settings import ROOT
from lib.store import Store
from tests.browser.sign_in.signing_in import build_file
from tests.browser.streamlit_page import expect_cards, open_page, rerun, upload
from tests.browser.test_one_port import PARENT
from tests.browser.visit import Visit, open_socket
from tests.builders.values import NOON, make_prepared_image
from tests.stand_ins.app_server import AppServer

Start = Callable[..., AppServer]
MB = 1 << 20
AT_ONCE = "The limit is 1 MB and 20,000 files at once. Use smaller batches."


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts an app with settings of its own."""
    started: list[AppServer] = []

    def start_(**settings: str) -> AppServer:
        started.append(AppServer(tmp_path_factory.mktemp("app"), **settings))
        return started[-1].start()

    yield start_
    for server in started:
        server.kill()


@pytest.fixture(scope="module")
def below(start: Start) -> AppServer:
    """An app below /look, with little room for uploads, which nobody may call by a proxy's word."""
    return start(STREAMLIT_SERVER_BASE_URL_PATH="look", SECOND_LOOK_UPLOAD_MB="1", SECOND_LOOK_CALLS_PER_MINUTE="3")


@pytest.fixture
def own(app_server: AppServer) -> str:
    return app_server.url


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:3000",
        "http://localhost",
        "http://127.0.0.1:{port}",
        "http://localhost:{port}.evil.example",
        "http://localhost:{port}@evil.example",
        "http://localhost:{port}/",
        "ftp://localhost:{port}",
        "localhost:{port}",
        "",
    ],
)
def test_pages_of_other_sites_cannot_open_the_websocket(app_server: AppServer, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_socket(app_server.url, origin.format(port=app_server.port))

    assert refused.value.response.status_code == 403
    # Where Streamlit decides, it says so; and it asks the network first, for which everybody waits.
    assert "Rejecting WebSocket" not in app_server.log
    assert "external IP" not in app_server.log


@pytest.mark.parametrize(
    "origin", ["http://localhost:{port}", "HTTP://LOCALHOST:{port}", "https://localhost:{port}", None]
)
def test_the_apps_pages_and_programs_can_open_the_websocket(app_server: AppServer, origin: str | None) -> None:
    with closing(open_socket(app_server.url, origin and origin.format(port=app_server.port))) as socket:
        assert socket.subprotocol == "streamlit"

    assert "external IP" not in app_server.log


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_pages_of_other_sites_cannot_change_anything(own: str, method: str) -> None:
    answer = httpx.request(method, f"{own}/{PARENT}/models", headers={"Origin": "http://evil.example"}, json={})

    assert (answer.status_code, answer.text[:45]) == (403, "This request came from a page of another site")


@pytest.mark.parametrize(
    "path",
    [
        "//_stcore/metrics",
        "/_stcore//metrics",
        "/./_stcore/metrics",
        "/x/../_stcore/metrics",
        "/x/%2e%2e/_stcore/metrics",
        "/%2f_stcore/metrics",
        "/%5c_stcore/metrics",
        "/_stcore/metrics%0a",
        "/_stcore/metrics%00",
    ],
)
def test_ambiguous_addresses_are_refused(app_server: AppServer, path: str) -> None:
    with closing(HTTPConnection("127.0.0.1", app_server.port, timeout=30)) as connection:
        connection.request("GET", path)  # as it stands: other clients tidy addresses up

        assert connection.getresponse().status == 400


def test_uploads_are_accepted_only_for_visits_of_the_same_browser(below: AppServer) -> None:
    with Visit(below.url) as mine, Visit(below.url) as other, Visit(below.url, mine.cookies) as my_other_tab:
        answers = [mine.put("a", b"x").status_code, mine.put("a", b"x", my_other_tab.id).status_code]
        into_other = mine.put("a", b"x", other.id)
        other.put("b", b"x")
        taken_away = mine.delete("b", other.id)
        nowhere = mine.put("a", b"x", "no-such-visit")

    assert answers == [204, 204]
    assert into_other.status_code == taken_away.status_code == nowhere.status_code == 403
    assert into_other.text == "This page is not connected. Reload it, then upload again."


def test_uploads_are_limited_per_visit_and_person(below: AppServer) -> None:
    with Visit(below.url) as one, Visit(below.url) as two, Visit(below.url) as three:
        of_one = [one.put(file, bytes(6 * MB // 10)).status_code for file in ("a", "b")]
        of_two = two.put("a", bytes(9 * MB // 10)).status_code
        of_three = three.put("a", bytes(6 * MB // 10))
        one.delete("a")
        again = three.put("a", bytes(6 * MB // 10)).status_code
        for visit in (two, three):
            visit.delete("a")

    assert (of_one, of_two) == ([204, 413], 204)
    assert (of_three.status_code, of_three.text) == (
        413,
        "The limit is 1 MB and 20,000 files at once. Use smaller batches.",
    )
    assert again == 204


def test_uploads_of_unknown_length_are_refused(below: AppServer) -> None:
    with Visit(below.url) as visit:
        assert visit.put_in_chunks("a").status_code == 411
        assert visit.put_in_chunks("a", **{"Content-Length": "1"}).status_code == 411


def test_the_media_folder_of_streamlit_is_not_served(below: AppServer, own: str) -> None:
    codes = {httpx.get(f"{url}/media/{'0' * 56}.jpg").text for url in (below.url, own)}

    assert codes == {"There is no such file."}


def test_images_files_and_api_are_served_only_below_the_base_path(below: AppServer) -> None:
    store = Store(f"sqlite:///{below.data_dir / 'second-look.db'}", str(below.data_dir / "images"))
    session, prepared = store.sessions.create("Kept", NOON), make_prepared_image()
    store.images.add(session.id, prepared, NOON)
    store.close()
    root = below.url.removesuffix("/look")
    paths = [
        f"/pictures/{session.id}/{prepared.image.sha256}/small",
        "/samples/cat.jpg",
        "/log.csv",
        f"/{PARENT}/models",
        "/_stcore/health",
    ]

    codes = [(httpx.get(f"{below.url}{path}").status_code, httpx.get(f"{root}{path}").status_code) for path in paths]

    assert codes == [(200, 404)] * len(paths)
    assert [httpx.get(f"{url}/healthz").json()["status"] for url in (root, below.url)] == ["ok", "ok"]


def test_forged_headers_do_not_change_whose_calls_are_counted(below: AppServer) -> None:
    address = f"{below.url}/{PARENT}/models"

    codes = [
        httpx.get(address, headers={"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}"}).status_code
        for number in range(8)
    ]

    assert codes[-1] == 429


@pytest.fixture(scope="module")
def behind_proxy(start: Start) -> AppServer:
    return start(SECOND_LOOK_PROXIES="127.0.0.0/8, ::1", SECOND_LOOK_CALLS_PER_MINUTE="1")


def test_the_caller_is_taken_from_a_listed_proxy(behind_proxy: AppServer) -> None:
    address = f"{behind_proxy.url}/{PARENT}/models"

    # What a caller sends before the proxy adds the address it sees is no proxy's word.
    codes = [
        httpx.get(address, headers={"X-Forwarded-For": f"{claimed}, {seen}"}).status_code
        for claimed, seen in [("10.9.9.1", "10.0.0.1"), ("10.9.9.2", "10.0.0.1"), ("10.9.9.2", "10.0.0.2")]
    ]

    assert codes == [200, 429, 200]


def test_https_is_recognized_behind_a_listed_proxy(behind_proxy: AppServer, own: str) -> None:
    told = {"X-Forwarded-Proto": "https"}

    cookies = [
        httpx.get(f"{url}/_stcore/health", headers=told).headers["set-cookie"] for url in (behind_proxy.url, own)
    ]
    from_http, from_https = (
        httpx.post(
            f"{behind_proxy.url}/healthz", headers={**told, "Origin": f"{scheme}://localhost:{behind_proxy.port}"}
        )
        for scheme in ("http", "https")
    )

    assert ["; Secure" in cookie for cookie in cookies] == [True, False]
    assert (from_http.status_code, from_https.status_code) == (403, 405)


def test_predict_to_report_works_below_a_base_path(
    page: Page, below: AppServer, photographs: Callable[[int], list[Path]]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, f"{below.url}/")
    upload(page, photographs(2))
    expect_cards(page, 2)
    expect_pictures(page, "img.thumbnail", 2)
    session = str(re.search(r"session=([\w-]+)", page.url)[1])  # type: ignore[index]

    file = httpx.get(build_file(page, below, session, "CSV"))
    open_page(page, f"{below.url}/history?session={session}&view=matrix&part=Share")
    with rerun(page):
        page.get_by_role("button", name="Create link").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    open_page(page, f"{link}&shared-part=Cards")

    expect_pictures(page, "img.thumbnail", 2)
    assert link.startswith(f"{below.url}/shared?share=")
    assert "photograph-000.jpg" in file.text
    assert [url for url in asked if not url.startswith((below.url, "data:", "blob:"))] == []


def expect_pictures(page: Page, selector: str, count: int) -> None:
    """That many pictures are there, and were fetched."""
    expect(page.locator(selector)).to_have_count(count)
    for picture in page.locator(selector).all():
        picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "([which, count]) => [...document.querySelectorAll(which)].filter(img => img.naturalWidth).length == count",
        arg=[selector, count],
    )


def test_files_beyond_the_upload_limit_are_counted_on_the_page(page: Page, below: AppServer, tmp_path: Path) -> None:
    fits, first, second = ROOT / "samples/cat.jpg", tmp_path / "first.bin.jpg", tmp_path / "second.bin.jpg"
    for large in (first, second):
        large.write_bytes(bytes(2 * MB))
    open_page(page, f"{below.url}/")

    upload(page, [fits, first, second])

    expect(page.get_by_text(f"2 files not uploaded. {AT_ONCE}")).to_be_visible()
    expect_cards(page, 1)
