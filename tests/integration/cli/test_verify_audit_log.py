"""The command that checks the audit log."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lib.domain.audit import AuditEvent
from lib.domain.permissions import Action
from lib.settings import ROOT
from lib.store import Store
from tests.builders.commands import run_command
from tests.builders.databases import make_database
from tests.builders.values import NOON

EVENT = AuditEvent(NOON, "Ada", Action.ANNOTATE, "a-session", "correct")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store whose log has three entries."""
    store = Store(make_database(tmp_path / "second-look.db"), str(tmp_path / "images"))
    for number in range(3):
        store.audit.record(replace(EVENT, details=f"{number}"))
    yield store
    store.close()


def test_an_intact_log_passes_and_its_head_is_printed(store: Store, tmp_path: Path) -> None:
    head = store.audit.find(limit=1)[0].head

    assert run_command("verify-audit-log", tmp_path) == (0, f"The audit log is intact. Head to save: {head}\n")
    assert run_command("verify-audit-log", tmp_path, "--head", head)[0] == 0


def test_the_first_tampered_entry_is_reported(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "second-look.db")) as connection, connection:
        connection.execute("UPDATE audit_events SET actor = 'Grace' WHERE number = 2")

    code, said = run_command("verify-audit-log", tmp_path)

    assert code == 1
    assert "First fault at entry 2: it was changed after it was written." in said


def test_a_truncated_log_fails_against_the_saved_head(store: Store, tmp_path: Path) -> None:
    head = store.audit.find(limit=1)[0].head
    with closing(sqlite3.connect(tmp_path / "second-look.db")) as connection, connection:
        connection.execute("DELETE FROM audit_events WHERE number = 3")

    assert run_command("verify-audit-log", tmp_path)[0] == 0
    code, said = run_command("verify-audit-log", tmp_path, "--head", head)
    assert (code, "entry 3" in said) == (1, True)


@pytest.mark.parametrize("head", ["3", "3:abc", f"0:{'a' * 64}", f"-1:{'a' * 64}", f"x:{'a' * 64}", f"3:{'g' * 64}"])
def test_an_invalid_head_is_a_usage_error(store: Store, tmp_path: Path, head: str) -> None:
    assert run_command("verify-audit-log", tmp_path, f"--head={head}")[0] == 2


def test_a_missing_database_is_not_created(tmp_path: Path) -> None:
    code, said = run_command("verify-audit-log", tmp_path / "nowhere")

    assert (code, "There is no database" in said) == (2, True)
    assert not (tmp_path / "nowhere").exists()


def test_an_empty_log_is_not_reported_as_intact(store: Store, tmp_path: Path) -> None:
    head = store.audit.find(limit=1)[0].head
    with closing(sqlite3.connect(tmp_path / "second-look.db")) as connection, connection:
        connection.execute("DELETE FROM audit_events")

    code, said = run_command("verify-audit-log", tmp_path)

    assert (code, "whole" in said, "cannot be told from one that was emptied" in said) == (0, False, True)
    assert "--head" in said
    assert run_command("verify-audit-log", tmp_path, "--head", head)[0] == 1


def test_an_unknown_command_is_a_usage_error() -> None:
    done = subprocess.run([sys.executable, "-m", "lib", "verify"], cwd=ROOT, check=False, capture_output=True)

    assert (done.returncode, b"verify-audit-log" in done.stderr) == (2, True)
