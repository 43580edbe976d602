"""A service that is unreachable since the app started: stored predictions stay visible."""

import pytest

from lib.web import providers, resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import charts, page_text, read_sample, session_of, upload


def stop_service() -> None:
    """Stop the service and clear the cached list of its versions."""
    resources.prediction_service().stop()
    providers.served_versions.clear()


def test_stored_cards_are_shown_while_the_provider_is_unavailable(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))
    stop_service()

    app = open_app(session=session_id)

    assert len(charts(app)) == 1
    assert "Cannot reach " in page_text(app)


@pytest.mark.parametrize("name", ["predict", "history", "models"])
def test_every_page_opens_and_names_the_provider_that_cannot_be_reached(open_app: OpenApp, name: str) -> None:
    open_app()
    stop_service()

    app = open_app(name)

    assert "Cannot reach " in page_text(app)


@pytest.mark.parametrize("name", ["predict", "history", "models"])
def test_a_page_on_a_session_names_the_provider_that_cannot_be_reached_once(open_app: OpenApp, name: str) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))
    stop_service()

    app = open_app(name, session=session_id)

    assert len(app.error) == 1
    assert "No version is served" not in page_text(app)


@pytest.mark.parametrize("name", ["predict", "history", "models"])
def test_error_messages_mention_only_buttons_on_the_page(open_app: OpenApp, name: str) -> None:
    open_app()
    stop_service()

    app = open_app(name)

    assert "then try again" in page_text(app)
    assert "Retry failed" not in page_text(app)
