"""The settings, read once from environment variables, which are named only here."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lib.errors import InvalidSettings

ROOT = Path(__file__).parents[1]
LOG_FORMATS = ("console", "json")
_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a process. README.md describes each.

    Storage: `models_dir` has the exports of the built-in service as <family>/<version>/; `database_url` is a SQLAlchemy
    URL of SQLite or PostgreSQL, `images_url` any fsspec URL; sessions unused for `keep_days` are deleted (0: never).

    Providers: a call ends after `call_timeout_s`, and transient errors are retried for `retry_for_s`. `projects` are
    the only ones to choose from (empty: those that Google lists). `impersonate` is a service account to act as.
    `automl_endpoint` (host:port) and `vertex_endpoint` (URL) are servers used in Google's place, without encryption or
    credentials. The `fault_` settings add models that fail on purpose.

    Access: `hosts` are the host names that requests may address (empty: see `find_hosts`); `allow_anonymous` lets other
    machines in without a sign-in. `proxies` are trusted addresses and networks. Where people sign in, `viewers`,
    `reviewers` and `admins` are admitted by address or domain, for `sign_in_hours`. `grpc_port` serves programs over
    gRPC (0: not at all), `calls_per_minute` limits each. `upload_mb` limits what one visit uploads at once.

    `log_format` is one of LOG_FORMATS.
    """

    models_dir: Path
    database_url: str
    images_url: str
    grpc_port: int
    call_timeout_s: float
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
    log_format: str

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings of this process. Raises InvalidSettings."""
        return cls.from_mapping(os.environ)

    @classmethod
    def from_mapping(cls, values: Mapping[str, str]) -> Self:
        """Return the settings in these environment variables. Raises InvalidSettings if one is invalid."""
        data_dir = Path(values.get("SECOND_LOOK_DATA_DIR", ROOT / "data")).absolute()
        return cls(
            models_dir=Path(values.get("SECOND_LOOK_MODELS_DIR", ROOT / "models")).absolute(),
            database_url=values.get("SECOND_LOOK_DATABASE_URL", f"sqlite:///{data_dir / 'second-look.db'}"),
            images_url=values.get("SECOND_LOOK_IMAGES_URL", str(data_dir / "images")),
            grpc_port=int(_number(values, "SECOND_LOOK_GRPC_PORT", 0, up_to=65535)),
            call_timeout_s=_number(values, "SECOND_LOOK_ANSWER_WITHIN_S", 60),
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
            upload_mb=int(_number(values, "SECOND_LOOK_UPLOAD_MB", 10_240)) or 1,
            keep_days=int(_number(values, "SECOND_LOOK_KEEP_DAYS", 0)),
            viewers=_words(values, "SECOND_LOOK_VIEWERS"),
            reviewers=_words(values, "SECOND_LOOK_REVIEWERS"),
            admins=_words(values, "SECOND_LOOK_ADMINS"),
            sign_in_hours=_number(values, "SECOND_LOOK_SIGN_IN_HOURS", 10),
            vertex_endpoint=_url(values, "SECOND_LOOK_VERTEX_ENDPOINT"),
            log_format=_choice(values, "SECOND_LOOK_LOG_FORMAT", LOG_FORMATS),
        )


def _words(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(values.get(name, "").replace(",", " ").split())


def _choice(values: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = values.get(name, "").strip().lower() or choices[0]
    if text not in choices:
        raise InvalidSettings(f"{name} must be {' or '.join(choices)}, got {text!r}.")
    return text


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
        raise InvalidSettings(f"{name} must be a number from 0 to {up_to:g}, got {text!r}.")
    return number
