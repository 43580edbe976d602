"""Where the app may listen without a sign-in."""

import os
import subprocess
import sys

import pytest

from lib.errors import InvalidSettings
from lib.settings import ROOT
from lib.ui.binding import check_address, find_hosts


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_may_always_come_in(address: str) -> None:
    check_address(address, open_to_all=False)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7", "example.org", "", None])  # noqa: S104
def test_others_may_come_in_only_if_a_setting_allows_it(address: str | None) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_ALLOW_ANONYMOUS=1"):
        check_address(address, open_to_all=False)

    check_address(address, open_to_all=True)


def test_the_app_itself_does_not_start_on_such_an_address(tmp_path: object) -> None:
    environment = {**os.environ, "STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "SECOND_LOOK_DATA_DIR": str(tmp_path)}  # noqa: S104
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]

    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode != 0
    assert "Second Look has no sign-in, and would listen on 0.0.0.0" in ended.stderr + ended.stdout


def test_programs_call_the_server_by_its_own_names_unless_others_are_set() -> None:
    assert find_hosts((), "", allow_anonymous=False) == {"localhost", "127.0.0.1", "[::1]"}
    assert find_hosts((), "look.example", allow_anonymous=False) == {"localhost", "127.0.0.1", "[::1]", "look.example"}
    assert find_hosts(("look.example",), "", allow_anonymous=True) == {"look.example"}
    assert find_hosts((), "", allow_anonymous=True) == frozenset()
