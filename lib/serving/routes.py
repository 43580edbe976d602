"""From a verb and a path to the method that answers, by the HTTP rules of the surface."""

import re
from dataclasses import dataclass

from lib.serving.refusals import no_such_path
from lib.serving.surface import HTTP_RULES, HttpRule

_VARIABLE = re.compile(r"\{([\w.]+)=([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """The rule that fits a call, and the fields that its path gives, by their dotted names."""

    rule: HttpRule
    variables: dict[str, str]


def find_route(verb: str, path: str) -> Route:
    """The route of a call such as GET `/v1/projects/p/locations/eu/models`. Raises Refused where there is none."""
    for rule, pattern, names in _PATTERNS:
        found = pattern.fullmatch(path) if rule.verb == verb else None
        if found:
            return Route(rule, dict(zip(names, found.groups(), strict=True)))
    raise no_such_path(verb, path)


def _pattern(template: str) -> re.Pattern[str]:
    """The paths of a template, with a group for each variable."""
    # Splitting by a pattern with two groups gives: text, name, value, text, ...
    text, *rest = _VARIABLE.split(template)
    pieces = [re.escape(text)]
    for value, tail in zip(rest[1::3], rest[2::3], strict=True):
        pieces += ["(", re.escape(value).replace(r"\*", "[^/]+"), ")", re.escape(tail)]
    return re.compile("".join(pieces))


def _names(template: str) -> list[str]:
    return [name for name, _ in _VARIABLE.findall(template)]


_PATTERNS = [(rule, _pattern(rule.template), _names(rule.template)) for rule in HTTP_RULES]
