"""An app in which people sign in with a real OpenID provider."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext

from lib.store import Store
from tests.browser.sign_in.signing_in import StartApp, open_store
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.openid_provider import OpenIdProvider


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    with OpenIdProvider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def app(start_app: StartApp) -> AppServer:
    return start_app()


@pytest.fixture
def store(app: AppServer) -> Iterator[Store]:
    """The server's own store, opened beside it."""
    with closing(open_store(app)) as store:
        yield store


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A window that does not wait for the provider's style sheet, which lies elsewhere."""
    context.route("**/cdn.jsdelivr.net/**", lambda route: route.abort())
    return context
