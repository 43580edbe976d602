"""Processes that open one store at the same time."""

import subprocess
import sys

from lib.settings import ROOT

# Waits for a word, so that several of it open a store at the same time.
_OPENER = """
import sys
from lib.store import Store
from tests.builders.values import NOON
print("ready", flush=True)
sys.stdin.read(1)
Store(sys.argv[1], sys.argv[2]).sessions.create("Birds", NOON)
"""


def open_in_processes(count: int, database_url: str, images_url: str) -> list[int]:
    """Return the exit codes of so many processes that open the store at once, and create a session."""
    command = [sys.executable, "-c", _OPENER, database_url, images_url]
    openers = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)]
    _ = [opener.stdout.read(6) for opener in openers if opener.stdout]  # all are ready
    _ = [opener.communicate(b"go") for opener in openers]
    return [opener.returncode for opener in openers]
