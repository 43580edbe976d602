"""A service that nobody has heard of since the app started: what is stored stays in sight."""

import pytest

from lib.ui import providers
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import charts, read_sample, session_of, upload, words


def stop_service() -> None:
    """Stop the service, and forget what it said it serves."""
    resources.prediction_service().stop()
    providers.served_versions.clear()


def test_stored_cards_are_shown_though_nobody_can_say_what_is_served(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))
    stop_service()

    app = open_app(session=session_id)

    assert len(charts(app)) == 1
    assert "Cannot reach " in words(app)


@pytest.mark.parametrize("name", ["predict", "history", "models"])
def test_every_page_opens_and_says_who_cannot_be_reached(open_app: OpenApp, name: str) -> None:
    open_app()
    stop_service()

    app = open_app(name)

    assert "Cannot reach " in words(app)


@pytest.mark.parametrize("name", ["predict", "history", "models"])
def test_a_page_on_a_session_says_once_who_cannot_be_reached(open_app: OpenApp, name: str) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))
    stop_service()

    app = open_app(name, session=session_id)

    assert len(app.error) == 1
    assert "No version is served" not in words(app)


@pytest.mark.parametrize("name", ["predict", "history", "models"])
def test_what_to_do_names_no_button_that_is_not_there(open_app: OpenApp, name: str) -> None:
    open_app()
    stop_service()

    app = open_app(name)

    assert "then try again" in words(app)
    assert "Retry failed" not in words(app)
