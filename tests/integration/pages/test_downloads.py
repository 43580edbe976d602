"""Exported files are downloaded only by authorized visitors, and the audit log records who."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.domain.sessions import Session, ShareTerms
from lib.web import resources
from lib.web.base_path import BasePath
from lib.web.routes import Sources, make_routes
from lib.web.sign_in import find_caller
from lib.workflows.exports.export_queue import ExportFile, ExportRequest
from lib.workflows.jobs import Job
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session


@pytest.fixture
def known(open_app: OpenApp) -> Session:
    open_app("history")
    return make_known_session()


@pytest.fixture
def browser() -> Iterator[TestClient]:
    """A browser of a visitor who is not signed in."""
    sources = Sources(resources.store, resources.exports, find_caller, resources.find_sample)
    with TestClient(Starlette(routes=make_routes(BasePath(), sources))) as client:
        yield client


def build(session: Session, *, requested_by: str = "Ada") -> Job[ExportFile]:
    """An exported file of the session."""
    request = ExportRequest("known.csv", "text/csv", session.id, 1, "a-visit", requested_by)
    job = resources.exports().start(request, lambda _: iter([b"a,b\r\n"]))
    job.wait()
    return job


def find_downloads() -> list[tuple[str, str, str]]:
    entries = resources.store().audit.find()
    return [(entry.actor, entry.session_id, entry.details) for entry in entries if entry.action == "DOWNLOAD"]


def test_a_download_is_recorded_before_it_is_sent(browser: TestClient, known: Session) -> None:
    job = build(known)

    answer = browser.get(f"/exports/{job.id}")

    assert answer.content == b"a,b\r\n"
    assert find_downloads() == [("", known.id, "known.csv, built for Ada")]


def test_a_download_by_a_share_link_is_recorded_under_the_link(browser: TestClient, known: Session) -> None:
    job = build(known, requested_by="link 1")
    share = resources.store().sharing.add(known.id, ShareTerms("Bob"), "Ada", datetime.now(UTC))

    assert browser.get(f"/shared-exports/{share}/{job.id}").status_code == 200
    assert find_downloads() == [("link 1", known.id, "known.csv")]


def test_a_share_link_downloads_only_files_of_its_session(browser: TestClient, known: Session) -> None:
    other = resources.store().sessions.create("Other", datetime.now(UTC))
    job = build(known)
    share = resources.store().sharing.add(other.id, ShareTerms(), "Ada", datetime.now(UTC))

    assert browser.get(f"/shared-exports/{share}/{job.id}").status_code == 404
    assert find_downloads() == []


def test_a_missing_file_leaves_no_audit_event(browser: TestClient, known: Session) -> None:
    assert browser.get("/exports/guessed").status_code == 404
    assert browser.get(f"/shared-exports/guessed/{build(known).id}").status_code == 404
    assert find_downloads() == []


def test_an_export_by_a_share_link_is_recorded_under_the_link(open_app: OpenApp, known: Session) -> None:
    token = resources.store().sharing.add(known.id, ShareTerms("Bob"), "Ada", datetime.now(UTC))

    open_app("shared", share=token, **{"shared-part": "Export"}).button("export-CSV").click().run()

    (latest,) = resources.store().audit.find(limit=1)
    assert (latest.actor, latest.action, latest.session_id) == ("link 1", "EXPORT", known.id)


def test_an_export_by_a_revoked_share_link_is_not_started(open_app: OpenApp, known: Session) -> None:
    token = resources.store().sharing.add(known.id, ShareTerms("Bob"), "Ada", datetime.now(UTC))
    app = open_app("shared", share=token, **{"shared-part": "Export"})
    resources.store().sharing.revoke(known.id, 1, datetime.now(UTC))

    app.button("export-CSV").click().run()

    assert [toast.value.replace("\\", "") for toast in app.toast] == [
        "This link is no longer valid. Ask the person who sent it for a new one."
    ]
    assert resources.store().audit.count() == 0


def test_a_download_of_the_audit_log_is_recorded_with_its_actor(browser: TestClient, known: Session) -> None:
    content = browser.get("/log.csv").content

    assert "Exported audit log" in content.decode()
    assert [entry.action for entry in resources.store().audit.find()] == ["EXPORT_LOG"]
