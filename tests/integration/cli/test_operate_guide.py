"""The commands in docs/operate.md work as they stand there."""

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lib.settings import ROOT
from lib.store import Store
from tests.builders.databases import make_database
from tests.builders.full_store import fill_store

GUIDE = (ROOT / "docs/operate.md").read_text(encoding="utf-8")


def find_commands(heading: str) -> list[str]:
    """The indented lines of a section."""
    section = GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^ {4,}(\S.*)$", section, re.MULTILINE)


@pytest.mark.parametrize(("heading", "count"), [("Backup and restore", 4), ("Upgrade", 2)])
def test_commands_of_a_section_succeed_one_after_the_other(heading: str, count: int, tmp_path: Path) -> None:
    with closing(Store(make_database(tmp_path / "data/second-look.db"), str(tmp_path / "data/images"))) as store:
        fill_store(store)
    commands = find_commands(heading)
    script = "\n".join(command.replace("python ", f"{sys.executable} ") for command in commands)
    environment = {**os.environ, "SECOND_LOOK_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        ["bash", "-euxc", script],  # noqa: S607
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(commands) == count
    assert (done.returncode, "FAULT" in done.stdout) == (0, False), done.stderr
