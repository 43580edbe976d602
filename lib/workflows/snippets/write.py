"""Writes programs for one version in curl, Python, Node.js and Java."""

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lib.providers.resource_names import ResourceName

_TEMPLATES = Path(__file__).parent / "templates"
_PLAIN_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*")
_PORTS = {"http": 80, "https": 443}


class Api(Enum):
    """The API of a provider."""

    AUTOML = "automl"
    VERTEX = "vertex"


class Language(Enum):
    """The language of a program; the value is its file extension."""

    CURL = "sh"
    PYTHON = "py"
    NODE = "mjs"
    JAVA = "java"


class Authentication(Enum):
    """How a program authenticates to the server."""

    NONE = "none"
    GOOGLE = "Google's credentials"
    OWN_TOKEN = "a token of this app"  # noqa: S105 - a description


@dataclass(frozen=True, slots=True)
class SnippetTarget:
    """The server's URL, the resource that predicts, and how to authenticate.

    URL and name are quoted in the programs. Raises ValueError for a URL that could end the quotes.
    """

    url: str
    name: ResourceName
    authentication: Authentication

    def __post_init__(self) -> None:
        if not is_plain_url(self.url):
            raise ValueError("the URL of a server has a scheme, a host, perhaps a port and a path, and nothing else")


def is_plain_url(url: str) -> bool:
    """Report whether a URL has only a scheme, a host, a port and a path, without characters special to programs."""
    return bool(_PLAIN_URL.fullmatch(url))


def write_snippet(api: Api, language: Language, target: SnippetTarget) -> str:
    """Return the program. It reads `image.jpg` from its working directory, and prints all scores."""
    parts = urlsplit(target.url)
    template = _environment().get_template(f"{api.value}.{language.value}.jinja")
    return template.render(
        url=target.url,
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        scheme=parts.scheme,
        name=str(target.name),
        at_google=target.authentication is Authentication.GOOGLE,
        with_token=target.authentication is Authentication.OWN_TOKEN,
    )


def _environment() -> Environment:
    # Programs, not HTML. A SnippetTarget has no characters that are special in strings or shells.
    return Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701
