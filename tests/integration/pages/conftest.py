"""Pages run by AppTest, in this process, on a store and a service of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from lib.domain.sessions import Session
from lib.settings import ROOT
from lib.ui.defects import DEFECT_MESSAGE
from lib.ui.review import early_keys
from lib.web import providers, resources
from tests.builders.databases import make_database
from tests.integration.pages.known_session import make_known_session

OpenApp = Callable[..., AppTest]
AUTH = {
    "redirect_uri": "https://look.example/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "second-look",
    "client_secret": "s",
    "server_metadata_url": "https://id.example/.well-known/openid-configuration",
}


@pytest.fixture(autouse=True)
def quick_reviewer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a reviewer annotate an image without the usual delay."""
    monkeypatch.setattr(early_keys, "UNSEEN_S", 0.0)


@pytest.fixture
def open_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenApp]:
    """Opens the app on a page with the address's parameters; what it stores is gone after the test.

    With `claims` people must sign in, and the provider said this of the visitor.

    Whatever the test does, no page may end on a traceback, nor on the number of a defect.
    """
    monkeypatch.setenv("SECOND_LOOK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SECOND_LOOK_FAULT_MODELS", "1")
    monkeypatch.setenv("SECOND_LOOK_FAULT_WAIT_S", "1")
    monkeypatch.setenv("SECOND_LOOK_RETRY_FOR_S", "0.5")
    make_database(tmp_path / "second-look.db")
    st.cache_resource.clear()
    opened: list[AppTest] = []

    def open_(page: str = "predict", claims: dict[str, object] | None = None, **parameters: str | list[str]) -> AppTest:
        app = AppTest.from_file(ROOT / "lib/ui/main.py", default_timeout=60)
        # Otherwise each app reads the metadata of all installed packages, which takes longer than the page.
        app._bidi_component_manager = BidiComponentManager()
        opened.append(app)
        if claims is not None:
            app.secrets["auth"] = AUTH
            app.user = claims
        app.query_params.update(parameters)
        app.switch_page(f"../../pages/{page}.py")
        return app.run()

    yield open_
    for client in providers.clients().values():
        client.close()
    resources.prediction_service().stop()
    resources.exports().close()
    resources.image_workers().close()
    resources.store().close()
    st.cache_resource.clear()
    assert [list(app.exception) for app in opened] == [[]] * len(opened)
    assert [error.value for app in opened for error in app.error if error.value.startswith(DEFECT_MESSAGE)] == []


@pytest.fixture
def clean(open_app: OpenApp) -> Session:
    """The known session before anybody has annotated its images."""
    open_app("history")
    session = make_known_session()
    images = [image.sha256 for image in resources.store().images.find(session.id)]
    resources.store().annotations.set_true_labels(session.id, images, None, "Ada", session.created_at)
    return session


@pytest.fixture
def known(open_app: OpenApp) -> Session:
    """The known session, with its annotations."""
    open_app("history")
    return make_known_session()
