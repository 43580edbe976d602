"""The commands of the Dockerfile, run as they are written there. No container engine is needed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lib.settings import ROOT
from tests.stand_ins.app_server import free_port, wait_until_up
from tests.stand_ins.visitor import Visitor

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STOPPED_WITHIN_S = 30
# All is read-only but one folder: here are the volume, and the container's /tmp.
_READ_ONLY = """
set -e
mount -o bind "$1" "$1"
mount -o remount,ro,bind /
cd "$2"
shift 2
exec "$@"
"""


def find_command(instruction: str) -> list[str]:
    """The command of ENTRYPOINT or HEALTHCHECK."""
    found = re.search(rf"^{instruction}\b.*?(\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    return [str(word) for word in json.loads(found[1])]


def find_environment() -> dict[str, str]:
    """The variables that the image sets, but for its folders, which are not on this machine."""
    named = dict(re.findall(r"^ENV (\w+)=(\S+)$", DOCKERFILE, re.MULTILINE))
    return {name: value for name, value in named.items() if "/" not in value}


class Container:
    """The app as the image starts it, without the image."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.data.mkdir()
        (folder / "tmp").mkdir()
        shutil.copytree(ROOT / "models", self.data / "models")
        self._log = folder / "log"
        self.environment = {
            **find_environment(),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": "/nonexistent",
            "TMPDIR": str(folder / "tmp"),
            "SECOND_LOOK_DATA_DIR": str(self.data),
            "SECOND_LOOK_MODELS_DIR": str(self.data / "models"),
            "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
            "STREAMLIT_SERVER_PORT": str(self.port),
        }

    def start(self) -> None:
        """Start it in a file system that is read-only but for its folder, and wait until it answers."""
        apart = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        command = [*apart, "sh", "-c", _READ_ONLY, "sh", str(self.folder), str(ROOT), *find_command("ENTRYPOINT")]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        wait_until_up(self.process, f"http://127.0.0.1:{self.port}/healthz", self._log)

    def check_health(self) -> int:
        """Exit code of the health check."""
        command = find_command("HEALTHCHECK")
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL, check=False
        ).returncode


@pytest.fixture
def container() -> Iterator[Container]:
    # Addresses of Unix sockets must be short, so the folder is not the one of the test.
    with TemporaryDirectory(prefix="container-") as folder:
        container = Container(Path(folder))
        container.start()
        yield container
        container.process.kill()
        container.process.wait()


def test_a_container_writes_to_its_volume_alone_and_is_healthy_until_it_is_stopped(container: Container) -> None:
    with Visitor(f"http://localhost:{container.port}") as visitor:
        visitor.open()
        while_open = container.check_health()
        drawn, troubles = len(visitor.elements), visitor.troubles

        container.process.send_signal(signal.SIGTERM)
        code = container.process.wait(STOPPED_WITHIN_S)

    assert (while_open, container.check_health()) == (0, 1)
    assert (drawn > 10, troubles) == (True, [])
    assert code in {0, -signal.SIGTERM}
    assert (container.data / "second-look.db").exists()


def test_containers_are_given_the_time_that_the_app_needs_to_stop() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")

    assert "STOPSIGNAL SIGTERM" in DOCKERFILE
    assert f"stop_grace_period: {STOPPED_WITHIN_S}s" in compose


def test_the_app_does_not_run_as_root_in_a_container() -> None:
    users = re.findall(r"^USER (\d+):", DOCKERFILE, re.MULTILINE)

    assert users == ["10001"]
