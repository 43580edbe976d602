"""Fields of a JSON object that a caller sent, each checked when it is read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.serving.api_errors import ApiError, invalid_field
from lib.serving.automl.lists import cut_page
from lib.serving.vertex.vertex_names import read_location

_CAPITAL = re.compile(r"(?<!^)([A-Z])")
_WHOLE = re.compile(r"-?[0-9]{1,10}")
_INT32 = range(-(2**31), 2**31)


class Fields:
    """A JSON object whose names are in camelCase; snake_case is accepted too. All readers raise ApiError."""

    def __init__(self, values: object, path: str = "") -> None:
        self._path = path
        if not isinstance(values, dict):
            raise invalid_field(path or "body", f"{path or 'The request'} must be a JSON object, got {_kind(values)}.")
        self._values: Mapping[str, Any] = values

    def only(self, *names: str) -> None:
        """Refuse all fields but these."""
        known = {*names, *(_snake_case(name) for name in names)}
        for name in sorted(self._values.keys() - known):
            sentence = f'Invalid JSON payload received. Unknown name "{name}"{self._where}: Cannot find field.'
            raise invalid_field(self._name(name), sentence)

    def has(self, name: str) -> bool:
        """Whether the field is there, and not null."""
        return self._find(name) is not None

    def value(self, name: str) -> Any:
        """The field as it came; None where it is missing."""
        return self._find(name)

    def text(self, name: str) -> str:
        """A string; empty where the field is missing."""
        value = self._find(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "a string", value)
        return value or ""

    def needed_text(self, name: str) -> str:
        """A string that must not be empty."""
        text = self.text(name)
        if not text:
            raise invalid_field(self._name(name), f"{self._name(name)} is required.")
        return text

    def whole(self, name: str, default: int) -> int:
        """A 32-bit whole number, which JSON may have as a string too."""
        value = self._find(name)
        return default if value is None else self._whole(name, value)

    def number(self, name: str, default: float) -> float:
        """A number."""
        value = self._find(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number", value)
        return value

    def inner(self, name: str) -> "Fields":
        """The fields of an object; none where it is missing."""
        value = self._find(name)
        return Fields({} if value is None else value, self._name(name))

    def items(self, name: str) -> Sequence[Any]:
        """A list; empty where it is missing."""
        value = self._find(name)
        if value is not None and not isinstance(value, list):
            raise self._wrong(name, "a list", value)
        return value or []

    def texts(self, name: str) -> dict[str, str]:
        """An object of strings."""
        fields = self.inner(name)
        return {key: fields.text(key) for key in fields._values}

    def wholes(self, name: str) -> dict[str, int]:
        """An object of whole numbers."""
        fields = self.inner(name)
        return {key: fields._whole(key, value) for key, value in fields._values.items()}

    @property
    def _where(self) -> str:
        return f" at '{self._path}'" if self._path else ""

    def _name(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _find(self, name: str) -> Any:
        value = self._values.get(name)
        return self._values.get(_snake_case(name)) if value is None else value

    def _whole(self, name: str, value: object) -> int:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if isinstance(value, bool) or not _WHOLE.fullmatch(text) or int(text) not in _INT32:
            raise self._wrong(name, "a whole number", value)
        return int(text)

    def _wrong(self, name: str, wanted: str, value: object) -> ApiError:
        return invalid_field(self._name(name), f"{self._name(name)} must be {wanted}, got {_kind(value)}.")


def _snake_case(name: str) -> str:
    return _CAPITAL.sub(r"_\1", name).lower()


def _kind(value: object) -> str:
    """A value in few words: what was sent may be long."""
    kinds = {dict: "an object", list: "a list", type(None): "null"}
    return kinds.get(type(value), f"{value!r:.40}")


# A message of Vertex AI, as JSON writes it.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller asks. `variables` are those of the path, by the names in the template."""

    variables: Mapping[str, str]
    query: Fields
    body: Fields

    @property
    def location(self) -> str:
        """`projects/P/locations/R`."""
        return self.variables["location"]

    def name_of(self, *collections: str) -> str:
        """The name in the path, down to the last collection: `("models", "evaluations")` gives .../evaluations/E."""
        parts = [f"{collection}/{self.variables[collection]}" for collection in collections]
        return "/".join([self.location, *parts])


def make_call(variables: Mapping[str, str], query: Fields, body: Fields) -> Call:
    """A call whose location may be one of Vertex AI. Raises Refused."""
    read_location(variables["location"])
    return Call(variables, query, body)


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
