"""nginx with the configuration of `deploy/`, with TLS and below a path, as an ordinary user runs it."""

import os
import shutil
import ssl
import subprocess
import tempfile
import time
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

import trustme

from lib.settings import ROOT
from tests.conformance.find_programs import get_program
from tests.stand_ins.app_server import free_port

CONFIGURATION = ROOT / "deploy/nginx.conf.template"
_LOGGED_WITHIN_S = 10
_MAIN = """
daemon off;
worker_processes 1;
pid $folder/pid;
error_log $folder/errors.log;
events { worker_connections 512; }
http {
    log_format replicas '$$replica_key $$upstream_addr | $$status $$request_method $$uri';
    access_log $folder/access.log replicas;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    include $folder/second-look.conf;
}
"""


class NginxProxy:
    """nginx on a free port, in front of two replicas that need not be up yet."""

    def __init__(self, base_path: str, replica_ports: tuple[int, int]) -> None:
        self._program = get_program("nginx")
        self._folder = Path(tempfile.mkdtemp(prefix="nginx-"))
        self._authority = trustme.CA()
        port = free_port()
        self.url = f"https://localhost:{port}{base_path}"
        first, second = (f"127.0.0.1:{replica}" for replica in replica_ports)
        self._names = {
            "REPLICA_1": first,
            "REPLICA_2": second,
            "LISTEN": f"127.0.0.1:{port}",
            "BASE_PATH": base_path,
            "TLS_CERTIFICATE": str(self._folder / "certificate.pem"),
            "TLS_KEY": str(self._folder / "key.pem"),
        }

    @property
    def trust(self) -> ssl.SSLContext:
        """What a program needs to trust the proxy's certificate."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def find_replica(self, replica_key: str) -> int:
        """Port of the replica that answered a browser with this cookie last."""
        until = time.monotonic() + _LOGGED_WITHIN_S
        # nginx writes its log when the answer has been sent.
        while not (lines := self._find_lines(replica_key)):
            assert time.monotonic() < until, replica_key
            time.sleep(0.02)
        # Of several that were asked in turn, the last one answered.
        return int(lines[-1].partition(" | ")[0].rpartition(":")[2])

    def _find_lines(self, replica_key: str) -> list[str]:
        lines = (self._folder / "access.log").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.startswith(f"{replica_key} ")]

    def __enter__(self) -> Self:
        certificate = self._authority.issue_cert("localhost")
        certificate.private_key_pem.write_to_path(self._folder / "key.pem")
        with (self._folder / "certificate.pem").open("wb") as chain:
            chain.writelines(part.bytes() for part in certificate.cert_chain_pems)
        configuration = CONFIGURATION.read_text(encoding="utf-8")
        (self._folder / "second-look.conf").write_text(fill_in(configuration, self._names), encoding="utf-8")
        main = self._folder / "nginx.conf"
        main.write_text(Template(_MAIN).substitute(folder=self._folder), encoding="utf-8")
        user = "nobody" if os.geteuid() == 0 else None
        if user:
            for path in (self._folder, *self._folder.iterdir()):
                shutil.chown(path, user)
        self._process = subprocess.Popen(
            [self._program, "-c", main, "-e", self._folder / "errors.log"], user=user, cwd=self._folder
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)


def fill_in(configuration: str, names: dict[str, str]) -> str:
    """Return the configuration as nginx's image makes it: of names in ${}, only those that are given are replaced."""
    for name, value in names.items():
        configuration = configuration.replace(f"${{{name}}}", value)
    return configuration
