"""A full disk in a run loses no file: the page says what is missing, and Retry does the rest."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.faults.evidence import Evidence, wait_for
from tests.browser.streamlit_page import expect_cards, open_page, upload
from tests.stand_ins.app_server import AppServer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can mount a small file system")
_SIZE = "48m"
_MOUNT, _UNMOUNT = "/usr/bin/mount", "/usr/bin/umount"
CARDS_ON_A_PAGE = 12


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run([_MOUNT, "-t", "tmpfs", "-o", f"size={_SIZE}", "none", folder], check=True)
    yield folder
    subprocess.run([_UNMOUNT, "--lazy", folder], check=True)


@pytest.fixture
def server_on_disk(disk: Path) -> Iterator[AppServer]:
    app = AppServer(disk)
    app.start()
    yield app
    app.kill()


def fill(disk: Path) -> Path:
    """Write a file until the disk is full, and return it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


def test_a_disk_that_gets_full_in_a_run_loses_no_file_and_retry_does_the_rest(
    page: Page, server_on_disk: AppServer, disk: Path, files: list[Path]
) -> None:
    evidence = Evidence.of(server_on_disk)
    open_page(page, f"{server_on_disk.url}/")
    upload(page, files)
    wait_for(lambda: evidence.has_session() and evidence.store.images.count(evidence.session().id) > 0)

    filler = fill(disk)
    error = page.get_by_text("no disk space left").or_(page.get_by_text("no space left to store images")).first
    expect(error).to_be_visible(timeout=90_000)
    expect(page.get_by_text(f"of {2 * len(files)} predictions not made")).to_be_visible()
    filler.unlink()
    while_full = evidence.names()
    page.get_by_role("button", name="Retry", exact=True).first.click()

    expect_cards(page, CARDS_ON_A_PAGE)
    wait_for(evidence.is_idle)
    assert while_full == evidence.names() == {file.name for file in files}
    assert len(evidence.records()) == 2 * len(files)
    assert evidence.leftovers() == []
    assert "Traceback" not in server_on_disk.log


def test_files_that_do_not_fit_on_the_disk_are_counted_on_the_page(
    page: Page, server_on_disk: AppServer, disk: Path, files: list[Path]
) -> None:
    open_page(page, f"{server_on_disk.url}/")
    filler = fill(disk)

    upload(page, files[:3])

    expect(page.get_by_text("3 files not uploaded. There is no space left to store images.")).to_be_visible()
    filler.unlink()
    upload(page, files[:3])
    expect_cards(page, 3)
    assert Evidence.of(server_on_disk).leftovers() == []
