"""A server that is killed or stopped in a run loses no file, and asks no stored prediction again."""

import random
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.faults.evidence import Evidence, wait_for
from tests.browser.streamlit_page import open_page, upload
from tests.stand_ins.app_server import AppServer

ROUNDS = 20


def start_upload(page: Page, server: AppServer, files: list[Path], evidence: Evidence) -> None:
    """Upload files to a new session, and return when it has the first image."""
    before = evidence.session().id if evidence.has_session() else ""
    open_page(page, f"{server.url}/")
    upload(page, files)
    wait_for(lambda: evidence.has_session(before) and evidence.store.images.count(evidence.session().id) > 0)


def test_a_server_killed_at_any_moment_loses_no_file_and_repeats_no_prediction(
    page: Page, server: AppServer, files: list[Path]
) -> None:
    moments = random.Random(2026)
    evidence = Evidence.of(server)
    for _ in range(ROUNDS):
        start_upload(page, server, files, evidence)
        moment = moments.randrange(2 * len(files))
        wait_for(lambda: len(evidence.records()) >= moment or evidence.is_idle())  # noqa: B023 - called at once
        server.kill()
        stored = {(record.sha256, record.version): record.requested_at for record in evidence.records()}

        assert evidence.names() == {file.name for file in files}
        evidence.let_heartbeats_end()
        server.start()
        wait_for(evidence.is_idle)

        records = evidence.records()
        assert len(records) == 2 * len(files)
        assert not any(record.failed for record in records)
        again = {(record.sha256, record.version): record.requested_at for record in records}
        assert {key: again[key] for key in stored} == stored
        assert evidence.store.images.find_rejected_files(evidence.session().id) == []
        assert evidence.leftovers() == []
        evidence.store.sessions.delete(evidence.session().id)
        page.goto("about:blank")


def test_a_server_that_is_stopped_in_a_run_leaves_the_rest_to_the_next(
    page: Page, server: AppServer, files: list[Path]
) -> None:
    evidence = Evidence.of(server)
    start_upload(page, server, files, evidence)

    server.stop()
    stored = evidence.records()

    assert evidence.names() == {file.name for file in files}
    assert len(stored) < 2 * len(files)
    server.start()
    wait_for(evidence.is_idle)
    assert len(evidence.records()) == 2 * len(files)
    assert {record.requested_at for record in stored} <= {record.requested_at for record in evidence.records()}
    assert evidence.leftovers() == []
