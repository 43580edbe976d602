"""Lists as Vertex AI gives them: filtered by a field or two, and cut into pages."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.serving.paging import cut_page
from lib.serving.refusals import invalid_field
from lib.serving.vertex.calls import Call, Json

_EXPRESSION = re.compile(r'\s*(?P<field>\w+)\s*(?P<equal>!?=)\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))\s*')


def list_page(call: Call, key: str, items: Sequence[Any], describe: Callable[[Any], Json]) -> Json:
    """The page of `items` that a call asks for, as the list `key` of the answer. Raises Refused."""
    page, token = cut_page(items, call.query.whole("pageSize", 0), call.query.text("pageToken"))
    answer: Json = {key: [describe(item) for item in page]} if page else {}
    return answer | {"nextPageToken": token} if token else answer


def passes_filter(text: str, fields: Mapping[str, str]) -> bool:
    """Whether an item with these fields passes `field=value` or `field!=value`; an empty filter lets all pass.

    Field names are in snake_case here, and may be in camelCase in the filter. Raises Refused for any other filter.
    """
    if not text.strip():
        return True
    found = _EXPRESSION.fullmatch(text)
    by_name = {name.replace("_", ""): value for name, value in fields.items()}
    name = found["field"].replace("_", "").lower() if found else ""
    if found is None or name not in by_name:
        usable = " or ".join(f'{field}="..."' for field in fields)
        hint = f"use {usable}, or != in place of =" if usable else "leave the filter empty"
        raise invalid_field("filter", f"The filter {text!r} is not understood: {hint}.")
    wanted = found["plain"] if found["quoted"] is None else found["quoted"]
    return (by_name[name] == wanted) == (found["equal"] == "=")
