"""Google's HTTP rules for the AutoML API: which verb and path calls which method."""

import json
from dataclasses import dataclass
from pathlib import Path

from lib.serving.api_errors import path_not_found
from lib.serving.http_requests import parse_template


@dataclass(frozen=True, slots=True)
class HttpRule:
    """One way to call a method over REST, as in google.api.http.

    `method` is the full name, such as `google.cloud.automl.v1.AutoMl/GetModel`. `template` is the path with variables,
    such as `/v1/{name=projects/*/locations/*/models/*}`. `body` names the request field that the HTTP body fills: `*`
    for the whole message, empty for no body.
    """

    method: str
    verb: str
    template: str
    body: str


_FILE = Path(__file__).with_name("surface.json")
HTTP_RULES = tuple(HttpRule(*row) for row in json.loads(_FILE.read_text(encoding="utf-8")))
METHOD_NAMES = tuple(dict.fromkeys(rule.method for rule in HTTP_RULES))
_TEMPLATES = [(rule, parse_template(rule.template)) for rule in HTTP_RULES]


@dataclass(frozen=True, slots=True)
class Route:
    """The rule that matches a call, and the request fields that its path sets, by their dotted names."""

    rule: HttpRule
    variables: dict[str, str]


def get_route(verb: str, path: str) -> Route:
    """Return the route of a call such as GET `/v1/projects/p/locations/eu/models`. Raises ApiError if none matches."""
    for rule, template in _TEMPLATES:
        variables = template.match(path) if rule.verb == verb else None
        if variables is not None:
            return Route(rule, variables)
    raise path_not_found(verb, path)
