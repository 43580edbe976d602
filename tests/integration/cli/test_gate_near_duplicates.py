"""How the gate finds images that count as one."""

import json
from pathlib import Path

import pytest

from lib.store import Store
from tests.builders.commands import run_command
from tests.builders.compared_session import Row, make_compared_session
from tests.builders.databases import make_database


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(make_database(tmp_path / "second-look.db"), str(tmp_path / "images"))


@pytest.mark.parametrize(
    ("near_duplicates", "expected"), [("appearance", (0, "better")), ("folder", (3, "no_difference"))]
)
def test_images_of_a_folder_count_as_one_on_request(
    store: Store, tmp_path: Path, near_duplicates: str, expected: tuple[int, str]
) -> None:
    fixes = [Row(first="dog", name=f"burst/{place}.jpg") for place in range(20)]
    session = make_compared_session(store, [*fixes, *[Row(name=f"{place}.jpg") for place in range(20)]])
    chosen = ("--session", session.id, "--baseline", "v1", "--candidate", "v2", "--near-duplicates", near_duplicates)

    code, text = run_command("gate", tmp_path, *chosen, "--json")

    printed = json.loads(text)
    assert (code, printed["verdict"]) == expected
    assert printed["near_duplicates"] == near_duplicates
