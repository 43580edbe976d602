"""All times on pages are in the visitor's time zone."""

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.audit import AuditEvent
from lib.domain.permissions import Action
from lib.domain.sessions import ShareTerms
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import page_text, read_sample, upload

WINTER = datetime(2026, 1, 2, 23, 30, 5, tzinfo=UTC)


def at_home(app: AppTest, zone: str) -> AppTest:
    app.context["timezone"] = zone
    return app.run()


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", "2026-01-03 00:30:05 CET"),
        ("America/New_York", "2026-01-02 18:30:05 EST"),
        ("Asia/Kolkata", "2026-01-03 05:00:05 IST"),
        ("America/Sao_Paulo", "2026-01-02 20:30:05 UTC-03"),
        ("../../etc/passwd", "2026-01-02 23:30:05 UTC"),
        ("Nowhere/At_All", "2026-01-02 23:30:05 UTC"),
        ("Europe", "2026-01-02 23:30:05 UTC"),
    ],
)
def test_the_audit_log_uses_the_time_zone_of_the_visitor(open_app: OpenApp, zone: str, text: str) -> None:
    app = open_app("audit_log")
    resources.store().audit.record(AuditEvent(WINTER, "Ada", Action.PREDICT, "", "1 file"))

    at_home(app, zone)

    assert list(app.dataframe[0].value["Time"]) == [text]


def test_a_shared_session_uses_the_time_zone_of_the_visitor(open_app: OpenApp) -> None:
    app = open_app("history")
    session = resources.store().sessions.create("Birds", WINTER)
    token = resources.store().sharing.add(session.id, ShareTerms("", None), "Ada", WINTER)

    shared = at_home(open_app("shared", share=token), "Europe/Berlin")

    assert "Created 2026-01-03 00:30:05 CET" in page_text(shared)
    assert not app.exception


def test_an_invalid_time_zone_does_not_break_the_page(open_app: OpenApp) -> None:
    app = at_home(open_app(), "../../etc/passwd")

    upload(app, cat_jpg=read_sample("cat.jpg"))

    assert "cat.jpg" in page_text(app)
