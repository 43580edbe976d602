"""The command that deletes unused sessions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.commands import run_command
from tests.builders.databases import make_database
from tests.builders.values import make_prepared_image

LONG_AGO = datetime.now(UTC) - timedelta(days=100)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(make_database(tmp_path / "second-look.db"), str(tmp_path / "images"))
    yield store
    store.close()


@pytest.fixture
def old(store: Store) -> Session:
    """A session of long ago with one image."""
    session = store.sessions.create("Old", LONG_AGO, "Ada")
    store.images.add(session.id, make_prepared_image(), LONG_AGO)
    return session


def titles(store: Store) -> list[str]:
    return [summary.session.title for summary in store.sessions.find()]


def test_a_dry_run_lists_what_would_be_deleted_and_the_command_then_deletes_it(
    store: Store, old: Session, tmp_path: Path
) -> None:
    dry = run_command("retain", tmp_path, "--dry-run", SECOND_LOOK_KEEP_DAYS="90")
    kept, logged = titles(store), store.audit.count()
    real = run_command("retain", tmp_path, "--days", "90")

    assert (dry[0], real[0]) == (0, 0)
    assert old.id in dry[1]
    assert dry[1].endswith("1 session would be deleted.\n")
    assert (kept, logged) == (["Old"], 0)
    assert real[1].endswith("1 session deleted.\n")
    assert titles(store) == []
    assert [entry.actor for entry in store.audit.find()] == ["retention command"]


def test_without_a_number_of_days_nothing_is_deleted(store: Store, old: Session, tmp_path: Path) -> None:
    code, output = run_command("retain", tmp_path)

    assert code == 2
    assert "SECOND_LOOK_KEEP_DAYS" in output
    assert titles(store) == [old.title]


@pytest.mark.parametrize("days", ["0", "-1", "soon"])
def test_the_minimum_retention_is_one_day(tmp_path: Path, days: str) -> None:
    code, output = run_command("retain", tmp_path, "--days", days)

    assert (code, "--days" in output) == (2, True)
