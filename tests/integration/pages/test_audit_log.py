"""The Audit log page: recorded events and their export."""

import csv
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.audit import AuditEvent
from lib.domain.jobs import JobKind
from lib.domain.people import Actor, Role
from lib.domain.permissions import Action
from lib.domain.sessions import RejectedFile
from lib.errors import RoleMissing
from lib.ui.history.session_header import TITLE_KEY
from lib.ui.history.session_list import CONFIRM_KEY
from lib.ui.history.share_tab import CREATE_KEY
from lib.ui.predict.image_intake import DISMISS_KEY
from lib.ui.review.annotation_panel import UNDO_KEY
from lib.ui.review.answers import UNSURE_KEY
from lib.ui.review.review_settings import MODE_KEY, REOPEN_KEY, SIGN_OFF_KEY
from lib.ui.robustness.probe_controls import PROBE_KEY
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from lib.workflows.exports.log_file import export_log, write_log
from tests.builders.values import NOON
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session
from tests.integration.pages.page import page_text, read_sample, session_of, upload


def press(app: AppTest, key: str) -> AppTest:
    """Press the first button whose key begins so."""
    return next(button for button in app.button if str(button.key).startswith(key)).click().run()


def share(open_app: OpenApp, session_id: str) -> None:
    press(open_app("history", session=session_id, view="matrix", part="Share"), CREATE_KEY)


def revoke(open_app: OpenApp, session_id: str) -> None:
    share(open_app, session_id)
    press(open_app("history", session=session_id, view="matrix", part="Share"), "revoke-")


def probe(open_app: OpenApp, session_id: str) -> None:
    press(open_app("robustness", session=session_id), PROBE_KEY)
    for job in resources.jobs().find_running(JobKind.PROBE, session_id):
        job.stop()
        job.wait(60)


def sign_off(open_app: OpenApp, session_id: str) -> None:
    press(open_app("review", session=session_id), SIGN_OFF_KEY)


def reopen(open_app: OpenApp, session_id: str) -> None:
    sign_off(open_app, session_id)
    press(open_app("review", session=session_id), REOPEN_KEY)


def make_blind(open_app: OpenApp, session_id: str) -> None:
    open_app("review", session=session_id).selectbox(MODE_KEY).set_value("Blind").run()


def rename(open_app: OpenApp, session_id: str) -> None:
    app = open_app("history", session=session_id, view="matrix")
    app.text_input(f"{TITLE_KEY}-{session_id}").set_value("Birds").run()


def choose(open_app: OpenApp, session_id: str, change: str) -> None:
    open_app("history").menu_button(f"actions-{session_id}").set_value(change).run()


def archive(open_app: OpenApp, session_id: str) -> None:
    choose(open_app, session_id, "Archive")


def restore(open_app: OpenApp, session_id: str) -> None:
    archive(open_app, session_id)
    open_app("history", archived="true").menu_button(f"actions-{session_id}").set_value("Restore").run()


def annotate(open_app: OpenApp, session_id: str) -> AppTest:
    app = open_app("review", session=session_id)
    app.text_input(NAME_KEY).set_value("Grace").run()
    return press(app, UNSURE_KEY)


def undo(open_app: OpenApp, session_id: str) -> None:
    upload(open_app("predict", session=session_id), espresso_jpg=read_sample("espresso.jpg"))
    press(annotate(open_app, session_id), UNDO_KEY)


def dismiss(open_app: OpenApp, session_id: str) -> None:
    resources.store().images.add_rejected_file(session_id, RejectedFile("notes.txt", "Not an image."), NOON)
    press(open_app("predict", session=session_id), DISMISS_KEY)


def export(open_app: OpenApp, session_id: str) -> None:
    press(open_app("history", session=session_id, view="matrix", part="Export"), "export-CSV")


def remove(open_app: OpenApp, _: str) -> None:
    press(press(open_app("models"), "undeploy-"), "confirm-deployment")
    for job in resources.jobs().find(JobKind.DEPLOYMENT):
        job.wait(60)


@pytest.mark.parametrize(
    ("do", "action"),
    [
        (share, Action.CREATE_LINK),
        (revoke, Action.REVOKE_LINK),
        (probe, Action.PROBE),
        (sign_off, Action.SIGN_OFF),
        (reopen, Action.REOPEN),
        (make_blind, Action.CHANGE_REVIEW),
        (rename, Action.RENAME_SESSION),
        (archive, Action.ARCHIVE_SESSION),
        (restore, Action.RESTORE_SESSION),
        (annotate, Action.ANNOTATE),
        (undo, Action.UNDO_ANNOTATION),
        (dismiss, Action.DISMISS_FILE_ERRORS),
        (export, Action.EXPORT),
        (remove, Action.UNDEPLOY),
    ],
)
def test_every_change_is_in_the_audit_log(
    open_app: OpenApp, do: Callable[[OpenApp, str], object], action: Action
) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))

    do(open_app, session_id)

    latest, *_, started, created = resources.store().audit.find()
    assert latest.action == action.name
    assert (started.action, started.session_id) == ("PREDICT", session_id)
    assert started.details == "1 file: imagenet v1, imagenet v2"
    assert (created.action, created.session_id) == ("CREATE_SESSION", session_id)
    assert resources.store().audit.verify() is None


def test_a_deletion_is_logged_with_its_actor_and_the_deleted_content(open_app: OpenApp) -> None:
    open_app("history")
    session = make_known_session()
    app = open_app("history")
    app.text_input(NAME_KEY).set_value("Grace").run()

    app.menu_button(f"actions-{session.id}").set_value("Delete").run()
    app.button(CONFIRM_KEY).click().run()

    (entry,) = resources.store().audit.find()
    assert (entry.actor, entry.action, entry.session_id) == ("Grace", "DELETE_SESSION", session.id)
    assert entry.details == "Known, 6 images"


def test_the_log_is_shown_with_the_latest_event_first_and_its_head(open_app: OpenApp) -> None:
    open_app("audit_log")
    store = resources.store()
    store.audit.record(AuditEvent(NOON, "Ada", Action.CREATE_LINK, "a-session", "for 7 days"))
    store.audit.record(AuditEvent(NOON, "", Action.REVOKE_LINK, "a-session"))

    app = open_app("audit_log")

    (table,) = app.dataframe
    head = store.audit.find()[0].head
    assert list(table.value["Who"]) == ["Anonymous", "Ada"]
    assert list(table.value["Action"]) == ["Revoked link", "Created link"]
    assert "2 events, latest first." in page_text(app)
    assert [code.value for code in app.code] == [head, f"python -m lib verify-audit-log --head {head}"]


def test_refused_actions_that_are_still_being_counted_are_shown(open_app: OpenApp) -> None:
    open_app("audit_log")
    for _ in range(3):
        resources.store().audit.record_denial(AuditEvent(NOON, "Vera", Action.DEPLOY))

    assert "Vera was refused again: Started deployment, 2 times, last 2026-11-23 12:00:00 UTC." in page_text(
        open_app("audit_log")
    )


def test_a_tampered_log_is_shown_unchanged(open_app: OpenApp, tmp_path: Path) -> None:
    open_app("audit_log")
    resources.store().audit.record(AuditEvent(NOON, "Ada", Action.DEPLOY))
    with closing(sqlite3.connect(tmp_path / "second-look.db")) as connection, connection:
        connection.execute("UPDATE audit_events SET at = 'never', action = 'NO_SUCH', actor = x'ff'")

    (table,) = open_app("audit_log").dataframe

    assert (list(table.value["Time"]), list(table.value["Action"])) == (["never"], ["NO_SUCH"])


def test_an_empty_log_explains_what_will_be_in_it(open_app: OpenApp) -> None:
    assert "No events yet." in page_text(open_app("audit_log"))


def test_the_whole_log_is_exported_with_its_hashes_and_no_cell_is_a_formula(open_app: OpenApp) -> None:
    open_app("audit_log")
    store = resources.store()
    for number in range(1200):
        store.audit.record(AuditEvent(NOON, "=1+1", Action.ANNOTATE, "a-session", f"{number}"))

    rows = list(csv.DictReader(io.StringIO(b"".join(write_log(store)).decode("utf-8-sig"))))

    assert len(rows) == 1200
    assert (rows[0]["details"], rows[-1]["details"]) == ("1199", "0")
    assert {row["actor"] for row in rows} == {"'=1+1"}
    assert rows[0]["at"] == "2026-11-23T12:00:00.000000+00:00"
    assert [row["previous_hash"] for row in rows[:-1]] == [row["hash"] for row in rows[1:]]


def test_exporting_the_log_needs_an_admin_and_is_recorded(open_app: OpenApp) -> None:
    open_app("audit_log")
    store = resources.store()

    with pytest.raises(RoleMissing):
        export_log(store, Actor("Grace", Role.REVIEWER))
    export_log(store, Actor("Ada", Role.ADMIN))

    assert [(entry.actor, entry.action) for entry in store.audit.find()] == [
        ("Ada", "EXPORT_LOG"),
        ("Grace", "REFUSED"),
    ]
