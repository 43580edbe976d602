"""What both REST APIs read from an HTTP request: path variables, query parameters and a JSON body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.serving.api_errors import invalid_field
from lib.serving.json_objects import read_json_object

_VARIABLE = re.compile(r"\{([\w.]+)=([^}]*)\}")
# Parameters that every Google API accepts; they are not fields of a request.
_SYSTEM_PARAMETERS = {"access_token", "alt", "fields", "key", "prettyPrint", "quotaUser", "uploadType"}


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A path with variables. `names` are the variables, in the order of the groups of `pattern`."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values of the variables in a whole path, or None if the path does not match."""
        found = self.pattern.fullmatch(path)
        return dict(zip(self.names, found.groups(), strict=True)) if found else None


def parse_template(text: str) -> PathTemplate:
    """Parse a template such as `/v1/{name=projects/*/locations/*}:predict`; `*` matches anything but slashes."""
    # Splitting by a pattern with two groups gives: text, name, value, text, ...
    start, *rest = _VARIABLE.split(text)
    pieces = [re.escape(start)]
    for value, tail in zip(rest[1::3], rest[2::3], strict=True):
        pieces += ["(", re.escape(value).replace(r"\*", "[^/]+"), ")", re.escape(tail)]
    return PathTemplate(re.compile("".join(pieces)), tuple(rest[0::3]))


def read_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a request body; an empty body is an empty object. Raises ApiError."""
    try:
        return read_json_object(body or b"{}")
    except ValueError as error:
        raise invalid_field("body", f"Invalid JSON payload received. {error}") from error


def read_query(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the query parameters that are meant for the method, without those that every Google API accepts."""
    return {name: value for name, value in query.items() if name not in _SYSTEM_PARAMETERS and not name.startswith("$")}


def check_response_format(query: Mapping[str, str]) -> None:
    """Raise ApiError if `alt` or `$alt` requests a response format other than JSON."""
    for name in ("alt", "$alt"):
        if query.get(name, "json").partition(";")[0] != "json":
            raise invalid_field(name, f"Responses are JSON only: omit {name}, or send {name}=json.")
