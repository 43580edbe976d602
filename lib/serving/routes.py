"""From a verb and a path to the method that answers, by the HTTP rules of the surface."""

from dataclasses import dataclass

from lib.serving.refusals import no_such_path
from lib.serving.surface import HTTP_RULES, HttpRule
from lib.serving.templates import read_template


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
