"""Two replicas of the app behind nginx, with PostgreSQL and one folder of images: the arrangement of compose.yaml."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from lib.store import Store
from tests.stand_ins.app_server import AppServer
from tests.stand_ins.nginx_proxy import NginxProxy
from tests.stand_ins.openid_provider import OpenIdProvider
from tests.stand_ins.postgresql_server import PostgresqlServer

BASE_PATH = "/look"
COOKIE = "second_look_replica"
_BACK_WITHIN_S = 30


class Replicas:
    """The app at `url`, where Ada is an admin and Grace a reviewer."""

    def __init__(self, folder: Path, postgresql: PostgresqlServer, provider: OpenIdProvider) -> None:
        self._provider = provider
        self._secrets = folder / "secrets.toml"
        self._database_url = postgresql.url_of(postgresql.create_database())
        self._images_url = str(folder / "images")
        settings = {
            "SECOND_LOOK_DATABASE_URL": self._database_url,
            "SECOND_LOOK_IMAGES_URL": self._images_url,
            "SECOND_LOOK_PROXIES": "127.0.0.1",
            "SECOND_LOOK_ADMINS": "ada@example.com",
            "SECOND_LOOK_REVIEWERS": "grace@example.com",
            "STREAMLIT_SECRETS_FILES": str(self._secrets),
            "STREAMLIT_SERVER_BASE_URL_PATH": BASE_PATH.strip("/"),
        }
        self.servers = [AppServer(make_folder(folder / name), **settings) for name in ("first", "second")]
        first, second = (server.port for server in self.servers)
        self.proxy = NginxProxy(BASE_PATH, (first, second))
        self.url = self.proxy.url
        self._running = ExitStack()

    def open_store(self) -> Store:
        """The store of both replicas, opened beside them."""
        return Store(self._database_url, self._images_url)

    def find_server(self, replica_key: str) -> AppServer:
        """The replica that answered a browser with this cookie last."""
        port = self.proxy.find_replica(replica_key)
        return next(server for server in self.servers if server.port == port)

    def find_key(self, server: AppServer) -> str:
        """A value of the cookie that leads to this replica."""
        for key in map(str, range(20)):
            self.get("/healthz", {COOKIE: key})
            if self.find_server(key) is server:
                return key
        raise LookupError(server.url)

    def wait_until_back(self, server: AppServer) -> None:
        """Wait until the proxy has noticed that a replica is up again, and leads its browsers there."""
        until = time.monotonic() + _BACK_WITHIN_S
        while True:
            with suppress(LookupError):
                self.find_key(server)
                return
            assert time.monotonic() < until, server.url
            time.sleep(0.2)

    def get(self, path: str, cookies: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        """What the proxy answers."""
        return httpx.get(f"{self.url}{path}", cookies=dict(cookies or {}), headers=headers, verify=self.proxy.trust)

    def __enter__(self) -> Self:
        self._provider.write_secrets(self._secrets, self.url)
        self._running.enter_context(self.proxy)
        with ThreadPoolExecutor(len(self.servers)) as starting:
            for server in self.servers:
                self._running.callback(server.kill)
            list(starting.map(AppServer.start, self.servers))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._running.close()


def make_folder(folder: Path) -> Path:
    """Make a folder and return it."""
    folder.mkdir()
    return folder
