"""Writes working snippets for one version: curl, Python, Node.js and Java."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Path(__file__).parent / "templates"
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
    """Where a version answers: `url` is that of the server (no path), `name` the resource that is asked."""

    url: str
    name: str
    proof: Proof


def write_snippet(api: Api, language: Language, address: Address) -> str:
    """The program. It reads `image.jpg` from the folder in which it runs, and prints all scores."""
    parts = urlsplit(address.url)
    template = _environment().get_template(f"{api.value}.{language.value}.jinja")
    return template.render(
        url=address.url,
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        scheme=parts.scheme,
        name=address.name,
        at_google=address.proof is Proof.GOOGLE,
        with_token=address.proof is Proof.OWN_TOKEN,
    )


def _environment() -> Environment:
    # Programs, not pages: nothing in them is HTML. Resource names have no character that a string would mind.
    return Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701
