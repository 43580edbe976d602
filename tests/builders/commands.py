"""Runs commands of `python -m lib` in this process: starting another takes longer than most commands."""

from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from lib.cli.commands import main


@dataclass(frozen=True)
class Ran:
    """A command that has ended: its exit code, and what it printed."""

    code: int
    stdout: str
    stderr: str


def run_command(command: str, folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command on a data folder; return its exit code, and all that it printed."""
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        code = _run(command, folder, arguments, settings)
    return code, printed.getvalue()


def run_command_apart(command: str, folder: Path, *arguments: str, **settings: str) -> Ran:
    """Run a command on a data folder, with its two outputs apart."""
    stdout, stderr = StringIO(), StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        code = _run(command, folder, arguments, settings)
    return Ran(code, stdout.getvalue(), stderr.getvalue())


def _run(command: str, folder: Path, arguments: Sequence[str], settings: Mapping[str, str]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"SECOND_LOOK_DATA_DIR": str(folder), **settings}.items():
            patch.setenv(name, value)
        try:
            return main([command, *arguments])
        except SystemExit as ended:
            return int(ended.code or 0)
