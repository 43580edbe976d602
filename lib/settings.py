"""The settings, read once from the environment. The only place that knows the names of the variables."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lib.errors import InvalidSettings

ROOT = Path(__file__).parents[1]
_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside.

    `models_dir` holds the exports that the built-in service serves, as <family>/<version>/. `database_url` is an
    SQLAlchemy URL of SQLite or PostgreSQL, `images_url` any fsspec URL. `grpc_port` is where programs reach the
    built-in service over gRPC (0: nowhere). `answer_within_s` bounds one call, `retry_for_s` the time in which a call
    that may pass is tried again. `projects` are the only ones to choose from (empty: those that Google names),
    `impersonate` a service account in whose name Google is asked. `automl_endpoint` (host:port) and
    `vertex_endpoint` (a URL) name servers that are asked in Google's place, in plain text and without credentials.
    `allow_anonymous`: others than this machine may come in.
    `hosts` are the names under which the server may be called (empty: this machine's and the one of the sign-in, or any
    where anybody may come in), and `calls_per_minute` how often a program may call the REST API. `proxies` are
    addresses and networks whose word counts on who calls. `upload_mb` bounds what one visit holds in memory. Sessions
    that nobody used for `keep_days` are deleted (0: never). Where people sign in, `viewers`, `reviewers` and `admins`
    may come in, by address or domain, and a sign-in holds for `sign_in_hours`.
    """

    models_dir: Path
    database_url: str
    images_url: str
    grpc_port: int
    answer_within_s: float
    retry_for_s: float
    fault_models: bool
    fault_wait_s: float
    projects: tuple[str, ...]
    impersonate: str
    automl_endpoint: str
    vertex_endpoint: str
    allow_anonymous: bool
    hosts: tuple[str, ...]
    calls_per_minute: int
    proxies: tuple[str, ...]
    upload_mb: int
    keep_days: int
    viewers: tuple[str, ...]
    reviewers: tuple[str, ...]
    admins: tuple[str, ...]
    sign_in_hours: float

    @classmethod
    def from_environment(cls) -> Self:
        """The settings of this process. Raises InvalidSettings."""
        return cls.from_mapping(os.environ)

    @classmethod
    def from_mapping(cls, values: Mapping[str, str]) -> Self:
        """Settings from names and texts, as the environment has them; raises InvalidSettings for an unusable one."""
        data_dir = Path(values.get("SECOND_LOOK_DATA_DIR", ROOT / "data")).absolute()
        return cls(
            models_dir=Path(values.get("SECOND_LOOK_MODELS_DIR", ROOT / "models")).absolute(),
            database_url=values.get("SECOND_LOOK_DATABASE_URL", f"sqlite:///{data_dir / 'second-look.db'}"),
            images_url=values.get("SECOND_LOOK_IMAGES_URL", str(data_dir / "images")),
            grpc_port=int(_number(values, "SECOND_LOOK_GRPC_PORT", 0, up_to=65535)),
            answer_within_s=_number(values, "SECOND_LOOK_ANSWER_WITHIN_S", 60),
            retry_for_s=_number(values, "SECOND_LOOK_RETRY_FOR_S", 10),
            fault_models=values.get("SECOND_LOOK_FAULT_MODELS", "0") == "1",
            fault_wait_s=_number(values, "SECOND_LOOK_FAULT_WAIT_S", 2),
            projects=_words(values, "SECOND_LOOK_PROJECTS"),
            impersonate=values.get("SECOND_LOOK_IMPERSONATE", "").strip(),
            automl_endpoint=values.get("SECOND_LOOK_AUTOML_ENDPOINT", "").strip(),
            allow_anonymous=values.get("SECOND_LOOK_ALLOW_ANONYMOUS", "0") == "1",
            hosts=tuple(name.lower() for name in _words(values, "SECOND_LOOK_HOSTS")),
            calls_per_minute=int(_number(values, "SECOND_LOOK_CALLS_PER_MINUTE", 600)) or 1,
            proxies=_networks(values, "SECOND_LOOK_PROXIES"),
            upload_mb=int(_number(values, "SECOND_LOOK_UPLOAD_MB", 512)) or 1,
            keep_days=int(_number(values, "SECOND_LOOK_KEEP_DAYS", 0)),
            viewers=_words(values, "SECOND_LOOK_VIEWERS"),
            reviewers=_words(values, "SECOND_LOOK_REVIEWERS"),
            admins=_words(values, "SECOND_LOOK_ADMINS"),
            sign_in_hours=_number(values, "SECOND_LOOK_SIGN_IN_HOURS", 10),
            vertex_endpoint=_url(values, "SECOND_LOOK_VERTEX_ENDPOINT"),
        )


def _words(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(values.get(name, "").replace(",", " ").split())


def _url(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "").strip().rstrip("/")
    if text and not _URL.fullmatch(text):
        raise InvalidSettings(f"{name} must be a URL such as http://127.0.0.1:8472, with no user, query or fragment.")
    return text


def _networks(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(word, strict=False)) for word in _words(values, name))
    except ValueError as error:
        raise InvalidSettings(f"{name} must be addresses or networks, such as 10.0.0.0/8: {error}.") from error


def _number(values: Mapping[str, str], name: str, default: float, up_to: float = 86_400) -> float:
    text = values.get(name, str(default))
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= up_to:
        raise InvalidSettings(f"{name} must be a number from 0 to {up_to:g}, but is {text!r}. Change it, or unset it.")
    return number
