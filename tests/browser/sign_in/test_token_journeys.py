"""Programs call the API with tokens, and secrets stay where they are."""

from datetime import UTC, datetime

import grpc
import httpx
import pytest
from google.api_core import exceptions
from google.cloud import automl_v1
from playwright.sync_api import BrowserContext, Page

from lib.domain.sessions import ShareTerms
from lib.store import Store
from tests.browser.sign_in.signing_in import ASK, StartApp, as_httpx, build_file, make_session
from tests.browser.streamlit_page import open_page
from tests.conformance.conftest import make_clients
from tests.stand_ins.app_server import AppServer, free_port
from tests.stand_ins.openid_provider import PLANTED


def test_a_token_has_the_permissions_of_its_creator(app: AppServer, store: Store) -> None:
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


def test_the_grpc_port_requires_a_token(start_app: StartApp, page: Page) -> None:
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


def test_secrets_are_in_no_page_address_file_or_log(
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
