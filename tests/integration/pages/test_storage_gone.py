"""A database that disappears while the app runs: every page and route says so."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.domain.sessions import Session
from lib.web import resources
from lib.web.base_path import BasePath
from lib.web.routes import Sources, make_routes
from lib.web.sign_in import find_caller
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import page_text

GONE = "The database file was deleted or replaced while the app was running."


@pytest.mark.parametrize("name", ["predict", "history", "review", "compare", "robustness", "audit_log"])
def test_every_page_says_that_the_database_is_gone(
    open_app: OpenApp, known: Session, tmp_path: Path, name: str
) -> None:
    (tmp_path / "second-look.db").rename(tmp_path / "away.db")

    app = open_app(name, session=known.id)

    assert len(app.error) == 1
    assert GONE in page_text(app)


def test_a_visitor_whose_sign_in_cannot_be_checked_reads_why(open_app: OpenApp, tmp_path: Path) -> None:
    open_app()
    (tmp_path / "second-look.db").rename(tmp_path / "away.db")

    app = open_app("history", claims={"is_logged_in": True, "email": "ada@example.com", "email_verified": True})

    assert len(app.error) == 1
    assert GONE in page_text(app)


def test_a_picture_is_temporarily_unavailable_without_the_database(known: Session, tmp_path: Path) -> None:
    image = resources.store().images.find(known.id)[0]
    sources = Sources(resources.store, resources.exports, find_caller, resources.find_sample)
    (tmp_path / "second-look.db").rename(tmp_path / "away.db")

    with TestClient(Starlette(routes=make_routes(BasePath(), sources))) as browser:
        answer = browser.get(f"/pictures/{known.id}/{image.sha256}")

    assert answer.status_code == 503
    assert answer.text.startswith(GONE)
