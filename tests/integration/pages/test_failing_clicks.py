"""A failed action shows an error and leaves the page intact."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.errors import ReviewDone
from lib.store.sharing import Sharing
from lib.ui.defects import DEFECT_MESSAGE
from lib.ui.history.share_tab import CREATE_KEY
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session


def make_link(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, error: Exception) -> AppTest:
    """Select *Create link* while the store raises this error."""

    def fail(*_: object) -> None:
        raise error

    open_app("history")
    app = open_app("history", session=make_known_session().id, view="matrix", part="Share")
    monkeypatch.setattr(Sharing, "add", fail)
    return app.button(CREATE_KEY).click().run()


def test_an_expected_error_shows_its_own_message(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_link(open_app, monkeypatch, ReviewDone("The review is signed off."))

    assert [toast.value.replace("\\", "") for toast in app.toast] == ["The review is signed off."]
    assert app.button(CREATE_KEY)


def test_a_defect_gets_a_number_and_is_gone_with_the_next_click(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_link(open_app, monkeypatch, KeyError("a secret"))

    (error,) = [error.value for error in app.error]
    assert error.startswith(DEFECT_MESSAGE)
    assert "a secret" not in error
    assert app.button(CREATE_KEY)
    assert not app.run().error
