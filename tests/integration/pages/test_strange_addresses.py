"""Malicious addresses and sessions do not send this server's credentials elsewhere."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.predictions import ModelVersion
from lib.ui.models.access_tabs import CHECK_KEY
from lib.ui.version_choice import PROJECT_KEY, REGION_KEY
from lib.web import resources
from tests.builders.values import NOON, make_prepared_image, make_record
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import page_text, unescape_markdown
from tests.stand_ins.service_account import make_key, serve_tokens
from tests.stand_ins.stranger import Stranger, serve_stranger

HOSTILE_PROJECTS = (
    "a/locations/{at}#",
    "a/locations/{at}?",
    "a/locations/user@{at}/",
    "a%2Flocations%2F{at}%23",
    "a/locations/{at}\\",
    "a/locations/127。0。0。1#",
    "my-project\r\nHost: {at}",
)


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stranger]:
    """A trusted foreign server that must not be called while this one has a Google key."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SECOND_LOOK_PROJECTS", "my-project")
    with serve_tokens() as url, serve_stranger(tmp_path / "authority.pem") as server:
        (tmp_path / "key.json").write_text(json.dumps(make_key(url)), encoding="utf-8")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        yield server
    assert (server.connections, server.tokens) == (0, [])


@pytest.mark.parametrize("provider", ["vertex", "automl"])
@pytest.mark.parametrize("project", HOSTILE_PROJECTS)
def test_an_address_with_an_invalid_project_makes_no_call_and_shows_a_message(
    open_app: OpenApp, stranger: Stranger, provider: str, project: str
) -> None:
    app = open_app("models", provider=provider, project=project.format(at=stranger.at))

    (text,) = [unescape_markdown(error.value) for error in app.error]
    assert text.startswith("This is not a Google Cloud project ID. Type the ID:")


def test_an_unlisted_project_is_refused_with_a_message(open_app: OpenApp, stranger: Stranger) -> None:
    app = open_app("models", provider="vertex", project="other-project")

    (text,) = [unescape_markdown(error.value) for error in app.error]
    assert text == "This server's settings do not list this project. Choose a project in the sidebar."


@pytest.mark.parametrize("region", ["{at}#", "us-central1.{at}#", "us-central1@{at}", "mars"])
def test_a_region_that_google_does_not_have_is_not_chosen(open_app: OpenApp, stranger: Stranger, region: str) -> None:
    app = open_app("models", provider="vertex", project="other-project", region=region.format(at=stranger.at))

    assert app.selectbox(REGION_KEY).value == "us-central1"


def test_the_check_of_the_connection_stops_at_an_invalid_project(open_app: OpenApp, stranger: Stranger) -> None:
    app = open_app("models", provider="vertex", project=f"a/locations/{stranger.at}#", models="Connection")

    text = page_text(app.button(CHECK_KEY).click().run())

    assert "**Project**: This is not a Google Cloud project ID." in text
    assert "**Region**" not in text


@pytest.fixture
def open_stored(open_app: OpenApp) -> Callable[[str, str], AppTest]:
    """Open a session whose only prediction is stored with this provider and model name."""

    def open_(provider: str, name: str) -> AppTest:
        open_app()
        store = resources.store()
        session = store.sessions.create("Old", NOON, "Eve")
        prepared = make_prepared_image()
        store.images.add(session.id, prepared, NOON)
        version = ModelVersion(provider, name, "birds", "v1", "1")
        store.predictions.add(make_record(prepared.image.sha256, session_id=session.id, version=version))
        return open_app("models", session=session.id)

    return open_


@pytest.mark.parametrize("provider", ["built-in", "vertex", "automl", "evil"])
@pytest.mark.parametrize("name", [
    "projects/a/locations/{at}#/models/1", "projects/a/locations/{at}#/locations/us-central1/models/1", "{at}", "",
    "projects/a%2Flocations%2F{at}%23/locations/us-central1/models/1", "projects/x", "//{at}/",
])  # fmt: skip
def test_an_invalid_stored_name_leaves_the_default_project_chosen(
    open_stored: Callable[[str, str], AppTest],
    stranger: Stranger,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    name: str,
) -> None:
    # Nobody answers there: what is asked of the usual project stays on this machine.
    monkeypatch.setenv("SECOND_LOOK_VERTEX_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("SECOND_LOOK_AUTOML_ENDPOINT", "127.0.0.1:1")

    app = open_stored(provider, name.format(at=stranger.at))

    usual = "my-project" if provider in {"vertex", "automl"} else "second-look"
    assert (app.selectbox(PROJECT_KEY).value, app.selectbox(REGION_KEY).value) == (usual, "us-central1")


def test_a_session_stored_by_project_number_opens_with_the_listed_project(
    open_stored: Callable[[str, str], AppTest], stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_LOOK_VERTEX_ENDPOINT", "http://127.0.0.1:1")

    app = open_stored("vertex", "projects/764086051850/locations/europe-west4/models/1@1")

    assert (app.selectbox(PROJECT_KEY).value, app.selectbox(REGION_KEY).value) == ("my-project", "europe-west4")
