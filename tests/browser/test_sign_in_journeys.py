"""People sign in with a real OpenID provider, and programs with tokens."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import grpc
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from google.api_core import exceptions
from google.cloud import automl_v1
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lib.domain.sessions import ShareTerms
from lib.settings import ROOT
from lib.store import Store
from tests.browser.streamlit_page import open_page, rerun, wait_until_idle
from tests.browser.test_predict_journeys import expect_cards, upload
from tests.browser.visit import Visit
from tests.conformance.conftest import make_clients
from tests.stand_ins.app_server import AppServer, free_port
from tests.stand_ins.openid_provider import PLANTED, OpenIdProvider

ASK = "/v1/projects/second-look/locations/us-central1/models"
StartApp = Callable[..., AppServer]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    with OpenIdProvider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def start_app(tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider) -> Iterator[StartApp]:
    """Starts an app where Ada is an admin and Grace a reviewer."""
    started: list[AppServer] = []

    def start(**settings: str) -> AppServer:
        folder = tmp_path_factory.mktemp("app")
        people = {"SECOND_LOOK_ADMINS": "ada@example.com", "SECOND_LOOK_REVIEWERS": "grace@example.com"}
        secrets = {"STREAMLIT_SECRETS_FILES": str(folder / "secrets.toml")}
        server = AppServer(folder, **people, **secrets, **settings)
        provider.write_secrets(folder / "secrets.toml", server.url)
        started.append(server.start())
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="module")
def app(start_app: StartApp) -> AppServer:
    return start_app()


@pytest.fixture
def store(app: AppServer) -> Iterator[Store]:
    """The server's own store, opened beside it."""
    with closing(open_store(app)) as store:
        yield store


def open_store(server: AppServer) -> Store:
    """The store of a running server."""
    return Store(f"sqlite:///{server.data_dir / 'second-look.db'}", str(server.data_dir / "images"))


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A window that does not wait for the provider's style sheet, which lies elsewhere."""
    context.route("**/cdn.jsdelivr.net/**", lambda route: route.abort())
    return context


def sign_in(page: Page, address: str, name: str) -> None:
    """Open the address, press *Sign in*, and be whoever that is at the provider."""
    open_page(page, address)
    assert find_barriers(page) == []
    page.get_by_role("button", name=re.compile("^Sign in")).click()
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url(re.compile(re.escape(address.partition("?")[0])))
    wait_until_idle(page)


def is_at(page: Page, address: str, **chosen: str) -> bool:
    """Whether the page is at this address with these choices; others stand beside them."""
    found = httpx.URL(page.url)
    return str(found.copy_with(query=None)) == address and chosen.items() <= dict(found.params).items()


def find_barriers(page: Page) -> list[str]:
    """What keeps people out who see badly or use no mouse."""
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in {"serious", "critical"}]


def make_session(page: Page, app: AppServer) -> str:
    """Id of a session of one photograph, made by Ada."""
    sign_in(page, f"{app.url}/", "ada")
    upload(page, [ROOT / "samples/cat.jpg"])
    expect_cards(page, 1)
    return str(re.search(r"session=([\w-]+)", page.url)[1])  # type: ignore[index]


def as_httpx(context: BrowserContext) -> dict[str, str]:
    """The window's cookies."""
    return {str(cookie["name"]): str(cookie["value"]) for cookie in context.cookies()}


def test_a_deep_link_first_on_a_cold_server_leads_through_the_sign_in_back_to_itself(
    page: Page, start_app: StartApp
) -> None:
    server = start_app()

    sign_in(page, f"{server.url}/history?sort=title&archived=true", "ada")

    expect(page.get_by_role("heading", name="History")).to_be_visible()
    assert is_at(page, f"{server.url}/history", sort="title", archived="true")
    expect(page.get_by_text("ada@example.com · admin")).to_be_visible()


def test_below_a_base_path_too_one_signs_in_and_nothing_is_open_that_is_shut_at_the_root(
    page: Page, context: BrowserContext, start_app: StartApp
) -> None:
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
def test_who_is_not_on_the_list_or_not_verified_stays_outside(
    page: Page, app: AppServer, name: str, sentence: str
) -> None:
    sign_in(page, f"{app.url}/history", name)

    # A joint that nobody sees keeps an address from becoming a link.
    expect(page.get_by_text(re.compile(re.escape(sentence).replace("@", "@\u2060?")))).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()


def test_who_signed_out_is_out_in_every_window_and_so_are_copies_of_the_cookie(
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


def test_the_address_for_signing_out_ends_the_sign_in_too_and_is_shut_to_pages_of_other_sites(
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


def test_a_sign_in_that_is_too_old_ends_on_the_open_page_by_itself(page: Page, start_app: StartApp) -> None:
    server = start_app(SECOND_LOOK_SIGN_IN_HOURS="0.01")  # 36 seconds
    session = make_session(page, server)

    open_page(page, f"{server.url}/review?session={session}")
    expect(page.get_by_text("No images reviewed yet.")).to_be_visible()

    expect(page.get_by_text("sign-in has expired")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("No images reviewed yet.")).to_be_hidden()


def test_pictures_and_files_are_for_those_who_signed_in(page: Page, context: BrowserContext, app: AppServer) -> None:
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


def test_files_are_taken_from_those_who_signed_in_only(page: Page, context: BrowserContext, app: AppServer) -> None:
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


def test_who_may_only_look_puts_nothing_into_memory(
    page: Page, context: BrowserContext, app_of_viewers: AppServer
) -> None:
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


def test_a_visit_takes_files_from_the_person_who_opened_it_alone(
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


def test_the_log_is_a_file_for_admins(browser: Browser, app: AppServer) -> None:
    codes = {}
    for name in ("ada", "grace"):
        context = browser.new_context()
        context.route("**/cdn.jsdelivr.net/**", lambda route: route.abort())
        sign_in(context.new_page(), f"{app.url}/history", name)
        codes[name] = httpx.get(f"{app.url}/log.csv", cookies=as_httpx(context)).status_code
        context.close()

    assert (codes, httpx.get(f"{app.url}/log.csv").status_code) == ({"ada": 200, "grace": 403}, 401)


def test_the_server_s_figures_are_for_those_who_signed_in(page: Page, context: BrowserContext, app: AppServer) -> None:
    address = f"{app.url}/_stcore/metrics"

    stranger = httpx.get(address)
    sign_in(page, f"{app.url}/", "grace")

    assert (stranger.status_code, httpx.get(address, cookies=as_httpx(context)).status_code) == (401, 200)


def test_programs_show_a_token_that_may_what_its_maker_may(app: AppServer, store: Store) -> None:
    now = datetime.now(UTC)
    tokens = {who: store.people.add_token("", f"{who}@example.com", now) for who in ("ada", "grace", "gone")}
    with httpx.Client(base_url=app.url) as client:
        (name, *_) = [model["name"] for model in client.get(ASK, headers=show(tokens["ada"])).json()["model"]]

        listed = {who: client.get(ASK, headers=show(token)).status_code for who, token in tokens.items()}
        deployed = {
            who: client.post(f"/v1/{name}:deploy", json={}, headers=show(token)).status_code
            for who, token in tokens.items()
        }
        nobody = client.get(ASK)

    assert listed == {"ada": 200, "grace": 200, "gone": 401}
    assert deployed == {"ada": 200, "grace": 403, "gone": 401}
    changed, refused = (
        [(entry.actor, entry.details) for entry in store.audit.find() if entry.action == action]
        for action in ("DEPLOY", "REFUSED")
    )
    assert changed == [("ada@example.com", f"by the API: /v1/{name}:deploy")]
    assert ("grace@example.com", "Started deployment: needs the role admin") in refused
    assert (nobody.status_code, nobody.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_the_grpc_port_asks_programs_for_their_token(start_app: StartApp, page: Page) -> None:
    port = free_port()
    server = start_app(SECOND_LOOK_GRPC_PORT=str(port))
    store = Store(f"sqlite:///{server.data_dir / 'second-look.db'}", str(server.data_dir / "images"))
    shown = [("authorization", f"Bearer {store.people.add_token('', 'grace@example.com', datetime.now(UTC))}")]
    store.close()

    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        models = make_clients(automl_v1, "grpc", channel=channel).models
        first, *_ = models.list_models(parent=ASK.removeprefix("/v1/").removesuffix("/models"), metadata=shown)
        with pytest.raises(exceptions.Unauthenticated):
            models.undeploy_model(name=first.name)
        with pytest.raises(exceptions.PermissionDenied):
            models.undeploy_model(name=first.name, metadata=shown)

    make_session(page, server)  # the page itself predicts


def show(token: str) -> dict[str, str]:
    """The header with which a program shows its token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def frames(page: Page) -> list[str]:
    """All that the server sends to the page: over the socket, and as answers of its own to requests."""
    seen: list[str] = []

    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: seen.append(str(frame))))
    page.on("response", lambda response: seen.extend([response.url, str(response.headers.get("location"))]))
    return seen


def test_no_secret_is_in_pages_addresses_files_or_the_log(
    page: Page, context: BrowserContext, app: AppServer, store: Store, frames: list[str]
) -> None:
    session = make_session(page, app)
    now = datetime.now(UTC)
    secrets = [*PLANTED.values(), store.people.add_token("Nightly", "ada@example.com", now)]
    shared = store.sharing.add(session, ShareTerms(), "ada@example.com", now)
    cookies = as_httpx(context)

    for address in [
        f"/history?session={session}&view=matrix&part=Share",
        "/models?provider=vertex&project=my-project",
        "/models?provider=vertex&project=my-project&models=Connection",
        "/models?models=Tokens",
        "/models?models=Use+it+from+code",
        "/audit_log",
    ]:
        open_page(page, f"{app.url}{address}")
        frames.append(page.content())
    files = [
        httpx.get(build_file(page, app, session, kind), cookies=cookies).text
        for kind in ("Report", "CSV", "JSON Lines")
    ]
    broken = [
        httpx.get(f"{app.url}{path}", cookies=cookies).text
        for path in ("/oauth2callback?error=x&state=y", "/auth/login?provider=zzz", f"{ASK}/nope", "/exports/nope")
    ]
    httpx.get(f"{app.url}/shared-pictures/{shared}/nope")

    everything = "\n".join([*frames, *files, *broken])
    assert [secret for secret in secrets if secret in everything + app.log] == []
    assert [secret for secret in (shared, *cookies.values()) if len(secret) > 20 and secret in app.log] == []
    assert all("cat.jpg" in file for file in files)
    assert "ada@example.com" in "".join(frames)


def build_file(page: Page, app: AppServer, session: str, kind: str) -> str:
    """Address of the file that the session's page builds."""
    open_page(page, f"{app.url}/history?session={session}&view=matrix&part=Export")
    page.get_by_role("button", name=f"Export {kind}", exact=True).click()
    link = page.get_by_role("link", name=re.compile("Download"))
    expect(link).to_be_visible()
    return str(httpx.URL(app.url).join(str(link.get_attribute("href"))))
