"""Modules loaded at startup."""

import os
import subprocess
import sys
from pathlib import Path

from lib.settings import ROOT


def test_every_module_of_a_page_is_loaded_at_startup(tmp_path: Path) -> None:
    # In a process of its own: this one has loaded everything long ago.
    visit = subprocess.run(
        [sys.executable, "-m", "tests.integration.web.visit_pages"],
        cwd=ROOT,
        env={**os.environ, "SECOND_LOOK_DATA_DIR": str(tmp_path), "NO_GCE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (visit.stdout.split(), visit.returncode) == ([], 0), visit.stderr[-2000:]
