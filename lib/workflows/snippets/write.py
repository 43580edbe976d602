"""Writes working snippets for one version: curl, Python, Node.js and Java."""

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
    """What a service speaks."""

    AUTOML = "automl"
    VERTEX = "vertex"


class Language(Enum):
    """What a snippet is written in; each value is the ending of its file."""

    CURL = "sh"
    PYTHON = "py"
    NODE = "mjs"
    JAVA = "java"


class Proof(Enum):
    """By what a server knows who asks it."""

    NOTHING = "nothing"
    GOOGLE = "Google's credentials"
    OWN_TOKEN = "a token of this app"  # noqa: S105 - words, no password


@dataclass(frozen=True, slots=True)
class Address:
    """Where a version answers: `url` is that of the server, `name` the resource that is asked.

    Both stand in the programs between quotes. Raises ValueError for a URL that could end them.
    """

    url: str
    name: ResourceName
    proof: Proof

    def __post_init__(self) -> None:
        if not is_plain_url(self.url):
            raise ValueError("the URL of a server has a scheme, a host, perhaps a port and a path, and nothing else")


def is_plain_url(url: str) -> bool:
    """Whether a URL is a scheme, a host, perhaps a port and a path, in letters that mean nothing to a program."""
    return bool(_PLAIN_URL.fullmatch(url))


def write_snippet(api: Api, language: Language, address: Address) -> str:
    """The program. It reads `image.jpg` from the folder in which it runs, and prints all scores."""
    parts = urlsplit(address.url)
    template = _environment().get_template(f"{api.value}.{language.value}.jinja")
    return template.render(
        url=address.url,
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        scheme=parts.scheme,
        name=str(address.name),
        at_google=address.proof is Proof.GOOGLE,
        with_token=address.proof is Proof.OWN_TOKEN,
    )


def _environment() -> Environment:
    # Programs, not pages: nothing in them is HTML. Address holds only what no string and no shell would mind.
    return Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701
