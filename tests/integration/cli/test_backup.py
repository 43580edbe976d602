"""The command that makes a backup, while the app runs and when it is stopped."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.settings import ROOT
from lib.store import Store
from tests.builders.commands import run_command
from tests.builders.databases import make_database
from tests.builders.full_store import fill_store
from tests.integration.cli.held_commands import start_command, wait_for

# Fails as on a full disk: files may not grow beyond this size.
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
from lib.cli.commands import main
sys.exit(main(["backup", sys.argv[1]]))
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(make_database(tmp_path / "data/second-look.db"), str(tmp_path / "data/images"))
    yield store
    store.close()


@pytest.fixture
def sha256s(store: Store) -> list[str]:
    """The images of a filled store."""
    return fill_store(store)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where backups go, in a folder of their own."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups/a.backup"


def test_a_backup_is_made_for_its_owner_alone_and_recorded(
    store: Store, sha256s: list[str], file: Path, tmp_path: Path
) -> None:
    code, output = run_command("backup", tmp_path / "data", str(file))

    entry = store.audit.find(limit=1)[0]
    assert (code, output) == (0, f"{file}: 2 sessions, 12 images, 24 predictions.\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert (entry.actor, entry.description) == ("backup command", "Created backup")
    assert entry.details == "a.backup, 2 sessions, 12 images, 24 predictions"


def test_an_existing_file_is_replaced_on_request_only(sha256s: list[str], file: Path, tmp_path: Path) -> None:
    file.write_text("precious")

    refused = run_command("backup", tmp_path / "data", str(file))
    kept = file.read_text()
    forced = run_command("backup", tmp_path / "data", str(file), "--force")

    assert (refused[0], "exists already" in refused[1], kept) == (2, True, "precious")
    assert (forced[0], file.read_bytes()[:2]) == (0, b"PK")


def test_a_killed_backup_leaves_no_file(sha256s: list[str], file: Path, tmp_path: Path) -> None:
    # A pipe in place of an image: the backup waits for it.
    image = tmp_path / "data/images" / sha256s[-1][:2] / sha256s[-1]
    image.unlink()
    os.mkfifo(image)
    process = start_command(tmp_path / "data", "backup", str(file))

    wait_for(lambda: list(file.parent.glob(f".{file.name}.*")), process)
    process.kill()
    process.wait()

    assert process.returncode == -9
    assert not file.exists()


def test_a_backup_for_which_there_is_no_space_leaves_nothing(sha256s: list[str], file: Path, tmp_path: Path) -> None:
    file.write_text("earlier")
    environment = {**os.environ, "SECOND_LOOK_DATA_DIR": str(tmp_path / "data")}

    done = subprocess.run(
        [sys.executable, "-c", LIMITED.replace('"backup"', '"backup", "--force"'), str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "File too large" in done.stderr
    assert (list(file.parent.iterdir()), file.read_text()) == ([file], "earlier")


def test_a_missing_image_stops_the_backup_unless_it_may_be_left_out(
    sha256s: list[str], file: Path, tmp_path: Path
) -> None:
    (tmp_path / "data/images" / sha256s[0][:2] / sha256s[0]).unlink()

    refused = run_command("backup", tmp_path / "data", str(file))
    left = list(file.parent.iterdir())
    made = run_command("backup", tmp_path / "data", str(file), "--skip-damaged")

    assert (refused[0], sha256s[0] in refused[1], "--skip-damaged" in refused[1]) == (1, True, True)
    assert left == []
    assert (made[0], made[1].splitlines()[0]) == (
        0,
        f"Missing or damaged when the backup was made: image {sha256s[0]}",
    )


def test_without_a_database_none_is_made(file: Path, tmp_path: Path) -> None:
    code, output = run_command("backup", tmp_path / "nowhere", str(file))

    assert (code, "There is no database" in output) == (2, True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("arguments", [[], ["nowhere/a.backup"], ["."], ["a", "b"]])
def test_a_wrong_argument_is_a_usage_error(sha256s: list[str], tmp_path: Path, arguments: list[str]) -> None:
    assert run_command("backup", tmp_path / "data", *arguments)[0] == 2
