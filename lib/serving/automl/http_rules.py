"""Google's HTTP rules: which method and path means which call."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from lib.serving.api_errors import no_such_path

_VARIABLE = re.compile(r"\{([\w.]+)=([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """The paths that a template stands for. `names` are its variables, in the order of the pattern's groups."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]

    def variables(self, path: str) -> dict[str, str] | None:
        """What the variables are in a whole path; None for a path that does not fit."""
        found = self.pattern.fullmatch(path)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None


def read_template(text: str) -> Template:
    """The template that is written so; a `*` stands for anything but slashes."""
    # Splitting by a pattern with two groups gives: text, name, value, text, ...
    start, *rest = _VARIABLE.split(text)
    pieces = [re.escape(start)]
    for value, tail in zip(rest[1::3], rest[2::3], strict=True):
        pieces += ["(", re.escape(value).replace(r"\*", "[^/]+"), ")", re.escape(tail)]
    return Template(re.compile("".join(pieces)), tuple(rest[0::3]))


@dataclass(frozen=True, slots=True)
class HttpRule:
    """One way to call a method over REST, after google.api.http.

    `method` is the full name, such as `google.cloud.automl.v1.AutoMl/GetModel`. `template` is the path with variables,
    such as `/v1/{name=projects/*/locations/*/models/*}`. `body` names the field that the request's body fills: `*` for
    the whole message, empty where there is no body.
    """

    method: str
    verb: str
    template: str
    body: str


_FILE = Path(__file__).with_name("surface.json")
HTTP_RULES = tuple(HttpRule(*row) for row in json.loads(_FILE.read_text(encoding="utf-8")))
METHOD_NAMES = tuple(dict.fromkeys(rule.method for rule in HTTP_RULES))


@dataclass(frozen=True, slots=True)
class Route:
    """The rule that fits a call, and the fields that its path gives, by their dotted names."""

    rule: HttpRule
    variables: dict[str, str]


def find_route(verb: str, path: str) -> Route:
    """The route of a call such as GET `/v1/projects/p/locations/eu/models`. Raises Refused where there is none."""
    for rule, template in _TEMPLATES:
        variables = template.variables(path) if rule.verb == verb else None
        if variables is not None:
            return Route(rule, variables)
    raise no_such_path(verb, path)


_TEMPLATES = [(rule, read_template(rule.template)) for rule in HTTP_RULES]
