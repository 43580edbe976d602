"""Runs commands of `python -m lib` in this process: starting another takes longer than most commands."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from lib.cli.commands import main


def run_command(command: str, folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command on a data folder; return its exit code, and all that it printed."""
    printed = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(printed):
        for name, value in {"SECOND_LOOK_DATA_DIR": str(folder), **settings}.items():
            patch.setenv(name, value)
        try:
            code = main([command, *arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, printed.getvalue()
