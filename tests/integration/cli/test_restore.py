"""The command that restores a backup: all of it, or nothing."""

import json
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lib.store import Store
from tests.builders.backup_files import Members, change_backup
from tests.builders.commands import run_command
from tests.builders.databases import make_database
from tests.builders.full_store import fill_store, read_rows
from tests.builders.values import NOON
from tests.integration.cli.held_commands import start_command, wait_for

IMAGES = "tables/images.jsonl"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a filled store, with a backup of it."""
    folder = tmp_path_factory.mktemp("source")
    with closing(Store(make_database(folder / "second-look.db"), str(folder / "images"))) as store:
        fill_store(store)
    assert run_command("backup", folder, str(folder / "a.backup"))[0] == 0
    return folder


@pytest.fixture
def backup(source: Path, tmp_path: Path) -> Path:
    """The test's own copy of the backup."""
    copy = tmp_path / "a.backup"
    shutil.copy(source / "a.backup", copy)
    return copy


def find_image(members: Members) -> str:
    return next(name for name in members if name.startswith("images/"))


def test_a_backup_is_restored_to_a_new_folder_and_recorded(source: Path, backup: Path, tmp_path: Path) -> None:
    code, output = run_command("restore", tmp_path / "new", str(backup))

    rows = read_rows(f"sqlite:///{source / 'second-look.db'}")
    restored = read_rows(f"sqlite:///{tmp_path / 'new/second-look.db'}")
    (made, loaded) = rows.pop("audit_events")[-1], restored.pop("audit_events")[-1]
    assert (code, output) == (0, "Restored 2 sessions, 12 images, 24 predictions.\n")
    assert restored == rows
    assert (made[2:4], loaded[2:4]) == (("backup command", "BACK_UP"), ("restore command", "RESTORE_BACKUP"))
    assert run_command("check", tmp_path / "new")[0] == 0


def test_a_backup_is_not_restored_where_something_is_stored(backup: Path, tmp_path: Path) -> None:
    database = make_database(tmp_path / "new/second-look.db")
    with closing(Store(database, str(tmp_path / "new/images"))) as store:
        store.sessions.create("Birds", NOON)
    before = read_rows(database)

    code, output = run_command("restore", tmp_path / "new", str(backup))

    assert (code, "to an empty place only" in output) == (1, True)
    assert read_rows(database) == before
    assert list((tmp_path / "new/images").iterdir()) == []


def swap_image(members: Members) -> None:
    members[find_image(members)] = b"another image"


def drop_image(members: Members) -> None:
    del members[find_image(members)]


def add_image(members: Members) -> None:
    members[f"images/{'a' * 64}"] = b"another image"


def change_row(members: Members) -> None:
    members["tables/sessions.jsonl"] = members["tables/sessions.jsonl"].replace(b"Ada", b"Eve")


def drop_table(members: Members) -> None:
    del members["tables/shares.jsonl"]


def set_newer(members: Members) -> None:
    manifest = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps({**manifest, "revision": "9999"}).encode()


def break_manifest(members: Members) -> None:
    members["manifest.json"] = b'{"format": 1}'


def hide_in_manifest(members: Members) -> None:
    manifest = json.loads(members["manifest.json"])
    changed = {**manifest, "absent": {"deleted": ["\x1b[2J"], "damaged": []}}
    members["manifest.json"] = json.dumps(changed).encode()


def make_huge(members: Members) -> None:
    members["tables/sessions.jsonl"] += b"[" + b" " * (64 << 20) + b"]\n"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (swap_image, "does not match its hash"),
        (drop_image, "its images are not those of its tables"),
        (add_image, "does not match its hash"),
        (change_row, "tables/sessions.jsonl does not match its hash"),
        (drop_table, "its members are not those of its manifest"),
        (set_newer, "A newer release made this backup (schema 9999"),
        (break_manifest, "it has no valid manifest"),
        (hide_in_manifest, "it has no valid manifest"),
        (lambda members: members.pop("manifest.json"), "manifest.json"),
        (lambda members: members.update({"../evil": b"x"}), "a backup has no member '../evil'"),
        (lambda members: members.update({"images/../../evil": b"x"}), "a backup has no member"),
        (lambda members: members.update({"/etc/evil": b"x"}), "a backup has no member"),
    ],
)
def test_a_changed_file_is_refused_with_nothing_written(
    backup: Path, tmp_path: Path, change: Callable[[Members], object], reason: str
) -> None:
    change_backup(backup, change)

    code, output = run_command("restore", tmp_path / "new", str(backup))

    assert (code, reason in output) == (1, True), output
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (make_huge, "tables/sessions.jsonl is too large"),
        (drop_image, "its images are not those of its tables"),
        (lambda members: members.update({"tables/evil.jsonl": b'["a"]\n[1]\n'}), "are not those of its schema"),
        (lambda members: members.update({"tables/shares.jsonl": b'["number"]\n["x"]\n'}), "does not fit its schema"),
        (lambda members: members.update({"tables/shares.jsonl": b"{}"}), "has a line without an end"),
        (lambda members: members.update({"tables/shares.jsonl": b'{"a": 1}\n'}), "does not fit its schema"),
        (lambda members: members.update({"tables/shares.jsonl": b""}), "does not fit its schema"),
    ],
)
def test_a_file_that_somebody_made_to_fit_its_manifest_leaves_the_database_empty(
    backup: Path, tmp_path: Path, change: Callable[[Members], object], reason: str
) -> None:
    change_backup(backup, change, with_manifest=True)

    code, output = run_command("restore", tmp_path / "new", str(backup))

    assert (code, reason in output) == (1, True), output
    assert not any(read_rows(make_database(tmp_path / "new/second-look.db")).values())


def flip_image_byte(content: bytes) -> bytes:
    return content.replace(b"image 5", b"image X", 1)


def set_encrypted(content: bytes) -> bytes:
    position = content.index(b"PK\x01\x02")
    return content[: position + 8] + struct.pack("<H", 1) + content[position + 10 :]


@pytest.mark.parametrize(
    "damage",
    [
        flip_image_byte,
        set_encrypted,
        lambda content: content[:-100],
        lambda content: content[: len(content) // 2],
        lambda _: b"",
        lambda _: b"This is a letter. " * 100,
    ],
    ids=["a flipped byte", "encrypted", "without its end", "half", "empty", "a letter"],
)
def test_a_damaged_file_is_refused_with_nothing_written(
    backup: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    backup.write_bytes(damage(backup.read_bytes()))

    code, output = run_command("restore", tmp_path / "new", str(backup))

    assert (code, output.startswith("This file is not a backup of Second Look, or it is damaged")) == (1, True), output
    assert not (tmp_path / "new").exists()


def test_a_killed_restore_leaves_an_empty_database_and_can_be_repeated(backup: Path, tmp_path: Path) -> None:
    database = make_database(tmp_path / "new/second-look.db")
    with closing(sqlite3.connect(tmp_path / "new/second-look.db")) as connection:
        # The restore waits for this lock after it has written the images.
        connection.execute("BEGIN IMMEDIATE")
        process = start_command(tmp_path / "new", "restore", str(backup))
        wait_for(lambda: len(list((tmp_path / "new").glob("images/*/*"))) == 24, process)
        process.kill()
        process.wait()

    rows = read_rows(database)
    for file in (tmp_path / "new").glob("images/*/*"):
        file.write_bytes(b"X" * file.stat().st_size)
    again = run_command("restore", tmp_path / "new", str(backup))

    assert (process.returncode, any(rows.values())) == (-9, False)
    assert (again[0], run_command("check", tmp_path / "new")[0]) == (0, 0)


@pytest.mark.parametrize("arguments", [[], ["nowhere.backup"], ["."]])
def test_a_wrong_argument_is_a_usage_error(tmp_path: Path, arguments: list[str]) -> None:
    assert run_command("restore", tmp_path / "new", *arguments)[0] == 2
    assert not (tmp_path / "new").exists()
