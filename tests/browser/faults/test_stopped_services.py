"""A database or an object store that is away in a run: the run waits, or the page names what is missing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib.store import Store
from tests.browser.faults.evidence import Evidence, wait_for
from tests.browser.streamlit_page import open_page, upload
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.postgresql_server import PostgresqlServer
from tests.stand_ins.s3_server import S3Server
from tests.stand_ins.tcp_proxy import TcpProxy

StartApp = Callable[..., AppServer]
LookInto = Callable[..., Evidence]


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[StartApp]:
    """Starts an app with settings of its own."""
    started: list[AppServer] = []

    def start(**settings: str) -> AppServer:
        started.append(AppServer(tmp_path, **settings))
        return started[-1].start()

    yield start
    for app in started:
        app.kill()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as server:
        yield server


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server, pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment.items():
            environment.setenv(name, value)
        yield server


@pytest.fixture
def look_into(tmp_path: Path) -> Iterator[LookInto]:
    """Opens the app's store beside it: by default the database and the images in its folder."""
    opened: list[Store] = []

    def open_store(database_url: str = "", images_url: str = "") -> Evidence:
        database_url = database_url or f"sqlite:///{tmp_path / 'second-look.db'}"
        opened.append(Store(database_url, images_url or str(tmp_path / "images")))
        return Evidence(opened[-1], tmp_path / "images")

    yield open_store
    for store in opened:
        store.close()


def begin_run(page: Page, url: str, files: list[Path], evidence: Evidence) -> None:
    """Upload files, and return when predictions have begun."""
    open_page(page, f"{url}/")
    upload(page, files)
    wait_for(lambda: evidence.has_session() and len(evidence.records()) > 0)


def expect_whole_run(evidence: Evidence, files: list[Path]) -> None:
    """All files are images of the session, in their order, with the predictions of both versions."""
    wait_for(evidence.is_idle)
    images = evidence.store.images.find(evidence.session().id, limit=1000)
    assert [image.name for image in images] == [file.name for file in files]
    assert len([record for record in evidence.records() if not record.failed]) == 2 * len(files)
    assert evidence.store.images.find_rejected_files(evidence.session().id) == []


def test_a_run_waits_for_a_database_that_is_stopped_and_started_again(
    page: Page, start_app: StartApp, postgresql: PostgresqlServer, files: list[Path], look_into: LookInto
) -> None:
    url = postgresql.url_of(postgresql.create_database())
    app = start_app(SECOND_LOOK_DATABASE_URL=url)
    evidence = look_into(url)
    begin_run(page, app.url, files, evidence)

    postgresql.stop()
    expect(page.get_by_text("The database cannot be reached.").first).to_be_visible()
    postgresql.start()

    expect_whole_run(evidence, files)
    assert evidence.leftovers() == []


def test_a_run_waits_for_a_connection_that_passes_nothing(
    page: Page, start_app: StartApp, postgresql: PostgresqlServer, files: list[Path], look_into: LookInto
) -> None:
    direct = postgresql.url_of(postgresql.create_database())
    evidence = look_into(direct)
    with TcpProxy(postgresql.port) as network:
        app = start_app(SECOND_LOOK_DATABASE_URL=direct.replace(f":{postgresql.port}/", f":{network.port}/"))
        begin_run(page, app.url, files, evidence)

        network.swallow()
        before = len(evidence.records())
        network.pass_again()

        expect_whole_run(evidence, files)
        assert before < 2 * len(files)


def test_files_for_a_missing_bucket_are_counted_on_the_page(
    page: Page, start_app: StartApp, s3: S3Server, files: list[Path], look_into: LookInto
) -> None:
    bucket = s3.create_bucket()
    app = start_app(SECOND_LOOK_IMAGES_URL=f"s3://{bucket}/images")
    evidence = look_into(images_url=f"s3://{bucket}/images")
    open_page(page, f"{app.url}/")
    s3.delete_all()

    upload(page, files)

    sentence = f"{len(files)} files not uploaded. The place where images are stored is missing."
    expect(page.get_by_text(sentence)).to_be_visible()
    s3.create_bucket(bucket)
    upload(page, files)
    wait_for(lambda: evidence.has_session() and len(evidence.records()) > 0)
    expect_whole_run(evidence, files)


def test_a_bucket_that_is_deleted_in_a_run_leaves_every_file_named(
    page: Page, start_app: StartApp, s3: S3Server, files: list[Path], look_into: LookInto
) -> None:
    bucket = s3.create_bucket()
    app = start_app(SECOND_LOOK_IMAGES_URL=f"s3://{bucket}/images")
    evidence = look_into(images_url=f"s3://{bucket}/images")
    begin_run(page, app.url, files, evidence)

    s3.delete_all()
    expect(page.get_by_text("The place where images are stored is missing.").first).to_be_visible()
    while_missing = evidence.names()
    s3.create_bucket(bucket)
    page.get_by_role("button", name="Retry", exact=True).first.click()
    wait_for(evidence.is_idle)

    assert while_missing == evidence.names() == {file.name for file in files}
    reasons = {file.reason for file in evidence.store.images.find_rejected_files(evidence.session().id)}
    assert reasons <= {"The server does not have this file any more. Upload it again."}
