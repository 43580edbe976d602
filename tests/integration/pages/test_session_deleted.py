"""Any action in a session that was deleted in another tab shows a message."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.history.share_tab import CREATE_KEY
from lib.ui.review.answers import UNSURE_KEY
from lib.ui.review.review_queue import EVERYTHING_KEY
from lib.ui.review.review_settings import MODE_KEY, SIGN_OFF_KEY
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session
from tests.integration.pages.page import page_text

CLICKS: dict[str, tuple[str, Callable[[AppTest], object]]] = {
    "nothing": ("history", lambda app: app),
    "share": ("history", lambda app: app.button(CREATE_KEY).click()),
    "set up a review": ("review", lambda app: app.selectbox(MODE_KEY).set_value("Blind")),
    "sign off": ("review", lambda app: app.button(SIGN_OFF_KEY).click()),
    "judge": ("review", lambda app: app.button(UNSURE_KEY).click()),
}


@pytest.mark.parametrize(("name", "click"), CLICKS.values(), ids=CLICKS)
def test_a_click_in_a_deleted_session_shows_a_message(
    open_app: OpenApp, name: str, click: Callable[[AppTest], object]
) -> None:
    open_app("history")
    session = make_known_session()
    app = open_app(name, session=session.id, view="matrix", part="Share", **{EVERYTHING_KEY: "true"})
    app.text_input(NAME_KEY).set_value("Ada").run()
    resources.store().sessions.delete(session.id)

    click(app)
    app.run()

    assert "There is no session at this address" in page_text(app)
