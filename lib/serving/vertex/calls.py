"""Calls of Vertex AI's methods, and the pages and filters of list calls."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.serving.api_errors import invalid_field
from lib.serving.paging import take_page
from lib.serving.vertex.fields import Fields, Json
from lib.serving.vertex.vertex_names import check_location

_EXPRESSION = re.compile(r'\s*(?P<field>\w+)\s*(?P<operator>!?=)\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))\s*')


@dataclass(frozen=True, slots=True)
class VertexCall:
    """A call of a method. `variables` are those of the path, by their names in the template."""

    variables: Mapping[str, str]
    query: Fields
    body: Fields

    @property
    def location(self) -> str:
        """`projects/P/locations/R`."""
        return self.variables["location"]

    def resource_name(self, *collections: str) -> str:
        """Return the name in the path down to the last collection, such as .../models/M/evaluations/E."""
        parts = [f"{collection}/{self.variables[collection]}" for collection in collections]
        return "/".join([self.location, *parts])


def make_call(variables: Mapping[str, str], query: Fields, body: Fields) -> VertexCall:
    """Return a call with a valid location. Raises ApiError."""
    check_location(variables["location"])
    return VertexCall(variables, query, body)


def list_page(call: VertexCall, key: str, items: Sequence[Any], describe: Callable[[Any], Json]) -> Json:
    """Return the response with the requested page of `items`, each as JSON, in the list `key`. Raises ApiError."""
    page, token = take_page(items, call.query.integer("pageSize", 0), call.query.text("pageToken"))
    response: Json = {key: [describe(item) for item in page]} if page else {}
    return response | {"nextPageToken": token} if token else response


def passes_filter(text: str, fields: Mapping[str, str]) -> bool:
    """Report whether an item with these fields passes `field=value` or `field!=value`; an empty filter passes all.

    `fields` are named in snake_case, the filter in snake_case or camelCase. Raises ApiError for any other filter.
    """
    if not text.strip():
        return True
    found = _EXPRESSION.fullmatch(text)
    by_name = {name.replace("_", ""): value for name, value in fields.items()}
    name = found["field"].replace("_", "").lower() if found else ""
    if found is None or name not in by_name:
        usable = " or ".join(f'{field}="..."' for field in fields)
        hint = f"use {usable}, or != instead of =" if usable else "leave the filter empty"
        raise invalid_field("filter", f"The filter {text!r} is not supported: {hint}.")
    wanted = found["plain"] if found["quoted"] is None else found["quoted"]
    return (by_name[name] == wanted) == (found["operator"] == "=")
