"""Lines of the log, as a program or a person reads them. In processes of their own: tests have a log of theirs."""

import json
import subprocess
import sys

import pytest

from lib.settings import ROOT

SCRIPT = """
import logging, warnings
from lib.telemetry.logs import get_logger, log_fields, start_logs

own = logging.getLogger("streamlit.something")
own.addHandler(logging.StreamHandler())
own.propagate = False
start_logs(as_json={as_json})
log = get_logger("lib.example")
with log_fields(request_id="r1"):
    log.info("prediction", version="birds v1\\nforged \\x1b[31m \\ud800", latency_s=0.25)
    own.warning("low on %s", "disk\\nforged")
log.info("later")
logging.getLogger("other.library").info("chatter")
logging.getLogger("uvicorn.error").info('"WebSocket /_stcore/stream?share=secret" [accepted]')
warnings.warn("old way")
def fail(token):
    raise ValueError("no luck")
try:
    fail("secret")
except ValueError:
    logging.getLogger("lib.other").exception("failed")
"""


def write_log(*, as_json: bool) -> str:
    """What the script writes to standard error."""
    command = [sys.executable, "-c", SCRIPT.format(as_json=as_json)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stderr


@pytest.fixture(scope="module")
def entries() -> list[dict[str, object]]:
    return [json.loads(line) for line in write_log(as_json=True).splitlines()]


def test_every_line_is_an_object_whichever_library_writes_it(entries: list[dict[str, object]]) -> None:
    assert [(entry["logger"], entry["level"]) for entry in entries] == [
        ("lib.example", "info"),
        ("streamlit.something", "warning"),
        ("lib.example", "info"),
        ("py.warnings", "warning"),
        ("lib.other", "error"),
    ]
    assert all(str(entry["timestamp"]).endswith("Z") for entry in entries)


def test_fields_are_kept_as_they_are(entries: list[dict[str, object]]) -> None:
    assert entries[0]["event"] == "prediction"
    assert entries[0]["version"] == "birds v1\nforged \x1b[31m \ud800"
    assert entries[0]["latency_s"] == 0.25
    assert entries[1]["event"] == "low on disk\nforged"


def test_lines_have_the_id_of_their_request(entries: list[dict[str, object]]) -> None:
    assert [entry.get("request_id") for entry in entries[:3]] == ["r1", "r1", None]


@pytest.mark.parametrize("as_json", [True, False])
def test_tracebacks_show_no_values(as_json: bool) -> None:
    log = write_log(as_json=as_json)

    assert "ValueError: no luck" in log
    assert "in fail" in log
    assert 'fail("secret")' not in log
    assert "share=secret" not in log


def test_a_name_cannot_forge_a_line_or_command_a_terminal() -> None:
    lines = write_log(as_json=False).splitlines()

    assert "birds v1\\\\nforged \\\\x1b[31m \\\\ud800" in lines[0].replace("\\\\\\\\", "\\\\")
    assert "low on disk\\nforged" in lines[1]
    assert [line for line in lines if line.startswith("forged") or "\x1b" in line] == []
