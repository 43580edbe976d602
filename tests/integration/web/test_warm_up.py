"""What is loaded at the start."""

import os
import subprocess
import sys
from pathlib import Path

from lib.settings import ROOT


def test_no_page_loads_a_module_that_was_not_loaded_at_the_start(tmp_path: Path) -> None:
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
