"""The Log page: what is written down, and that it can be taken along."""

import csv
import io
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.deed import Action, Deed
from lib.ui import resources
from lib.ui.history.show_sessions import CONFIRM_KEY
from lib.ui.probe.offer_probe import PROBE_KEY
from lib.ui.review.set_up import SIGN_OFF_KEY
from lib.ui.sharing.offer_sharing import MAKE_KEY
from lib.ui.visitor import NAME_KEY
from lib.workflows.exports.log_file import write_log
from tests.builders import NOON
from tests.pages.conftest import OpenApp
from tests.pages.known_session import make_known_session
from tests.pages.page import read_sample, session_of, upload, words


def press(app: AppTest, key: str) -> AppTest:
    """Press the first button whose key begins so."""
    return next(button for button in app.button if str(button.key).startswith(key)).click().run()


def share(open_app: OpenApp, session_id: str) -> None:
    press(open_app("history", session=session_id, view="matrix", part="Share"), MAKE_KEY)


def revoke(open_app: OpenApp, session_id: str) -> None:
    share(open_app, session_id)
    press(open_app("history", session=session_id, view="matrix", part="Share"), "revoke-")


def probe(open_app: OpenApp, session_id: str) -> None:
    press(open_app("probe", session=session_id), PROBE_KEY)
    for run in resources.probe_runs().find_active(session_id):
        run.stop()
        run.wait(60)


def sign_off(open_app: OpenApp, session_id: str) -> None:
    press(open_app("review", session=session_id), SIGN_OFF_KEY)


def remove(open_app: OpenApp, _: str) -> None:
    press(press(open_app("models"), "remove-"), "confirm-deployment")
    while resources.deployments().has_any():
        resources.deployments().find()


@pytest.mark.parametrize(
    ("do", "action"),
    [
        (share, Action.SHARE),
        (revoke, Action.REVOKE),
        (probe, Action.PROBE),
        (sign_off, Action.REVIEW),
        (remove, Action.REMOVE),
    ],
)
def test_what_is_done_is_written_down(open_app: OpenApp, do: Callable[[OpenApp, str], None], action: Action) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))

    do(open_app, session_id)

    latest, *_, first = resources.store().find_deeds()
    assert latest.action is action
    assert first.action is Action.PREDICT
    assert (first.session_id, first.about) == (session_id, "1 file, v1 and v2")


def test_a_deletion_is_written_down_with_who_and_what_was_lost(open_app: OpenApp) -> None:
    open_app("history")
    session = make_known_session()
    app = open_app("history")
    app.text_input(NAME_KEY).set_value("Grace").run()

    app.menu_button(f"change-{session.id}").set_value("Delete").run()
    app.button(CONFIRM_KEY).click().run()

    (deed,) = resources.store().find_deeds()
    assert (deed.who, deed.action, deed.session_id) == ("Grace", Action.DELETE, session.id)
    assert deed.about == "Known, 6 images"


def test_the_log_is_shown_with_the_latest_first(open_app: OpenApp) -> None:
    open_app("log")
    store = resources.store()
    store.add_deed(Deed(NOON, "Ada", Action.SHARE, "a-session", "for 7 days"))
    store.add_deed(Deed(NOON, "", Action.REVOKE, "a-session"))

    app = open_app("log")

    (table,) = app.dataframe
    assert list(table.value["Who"]) == ["somebody", "Ada"]
    assert list(table.value["Did"]) == ["revoked a link", "made a link"]
    assert "2 lines, the latest first." in words(app)


def test_an_empty_log_says_what_will_be_in_it(open_app: OpenApp) -> None:
    assert "Nobody has done anything yet." in words(open_app("log"))


def test_the_whole_log_is_taken_along_and_no_cell_is_a_formula(open_app: OpenApp) -> None:
    open_app("log")
    store = resources.store()
    for number in range(1200):
        store.add_deed(Deed(NOON, "=1+1", Action.JUDGE, "a-session", f"{number}"))

    rows = list(csv.DictReader(io.StringIO(b"".join(write_log(store)).decode("utf-8-sig"))))

    assert len(rows) == 1200
    assert (rows[0]["about"], rows[-1]["about"]) == ("1199", "0")
    assert {row["who"] for row in rows} == {"'=1+1"}
    assert rows[0]["at"] == "2026-11-23T12:00:00Z"
