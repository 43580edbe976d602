"""Commands as processes that are stopped on the way."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lib.settings import ROOT

_WITHIN_S = 60


def start_command(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start `python -m lib` on a data folder."""
    environment = {**os.environ, "SECOND_LOOK_DATA_DIR": str(folder)}
    return subprocess.Popen([sys.executable, "-m", "lib", *arguments], cwd=ROOT, env=environment)


def wait_for(is_reached: Callable[[], object], process: "subprocess.Popen[bytes]") -> None:
    """Wait until the process has reached a state. Fails if it ends before."""
    until = time.monotonic() + _WITHIN_S
    while not is_reached():
        assert process.poll() is None, "the process has ended"
        assert time.monotonic() < until, "the state is not reached"
        time.sleep(0.01)
