"""The app as its users start it, in a process of its own."""

import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from lib.settings import ROOT

_UP_WITHIN_S = 60
_STOPPED_WITHIN_S = 30


def free_port() -> int:
    """Return a TCP port that nobody uses now.

    Below those that the system gives to outgoing connections, which could take it before the server does.
    """
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until_up(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the process answers at the URL; it fails with what the process has printed."""
    until = time.monotonic() + _UP_WITHIN_S
    while not _answers(url):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < until, log.read_text(encoding="utf-8")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class AppServer:
    """`streamlit run app.py` with its data in `data_dir`; the same port when it is started again."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.port = free_port()
        base = settings.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        self.url = f"http://localhost:{self.port}" + (f"/{base}" if base else "")
        self.data_dir = data_dir
        self._log = data_dir / "server.log"
        self._environment = {**os.environ, "SECOND_LOOK_DATA_DIR": str(data_dir), **settings}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All that the server has printed so far."""
        return self._log.read_text(encoding="utf-8")

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        """Start, and wait until the server answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        wait_until_up(self._process, f"{self.url}/readyz", self._log)
        return self

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End the server as a supervisor does: it may finish what is in flight."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(_STOPPED_WITHIN_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
