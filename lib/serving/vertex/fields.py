"""The fields of a JSON object from a caller, checked as they are read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lib.serving.api_errors import ApiError, invalid_field

Json = dict[str, Any]
"""A JSON object, such as a message of Vertex AI."""

_CAPITAL = re.compile(r"(?<!^)([A-Z])")
_INTEGER = re.compile(r"-?[0-9]{1,10}")
_INT32 = range(-(2**31), 2**31)


class Fields:
    """A JSON object with names in camelCase; snake_case is accepted too. All methods raise ApiError.

    Errors name the field by its path, which starts with `path`.
    """

    def __init__(self, values: object, path: str = "") -> None:
        self._path = path
        if not isinstance(values, dict):
            raise invalid_field(path or "body", f"{path or 'The request'} must be a JSON object, got {_kind(values)}.")
        self._values: Mapping[str, Any] = values

    def allow_only(self, *names: str) -> None:
        """Raise ApiError for any field other than these."""
        known = {*names, *(_snake_case(name) for name in names)}
        for name in sorted(self._values.keys() - known):
            message = f'Invalid JSON payload received. Unknown name "{name}"{self._where}: Cannot find field.'
            raise invalid_field(self._full_name(name), message)

    def has(self, name: str) -> bool:
        """Report whether the field is present and not null."""
        return self._find(name) is not None

    def value(self, name: str) -> Any:
        """Return the unchecked value of the field, or None if it is missing."""
        return self._find(name)

    def text(self, name: str) -> str:
        """Return a string, which is empty if the field is missing."""
        value = self._find(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong_type(name, "a string", value)
        return value or ""

    def required_text(self, name: str) -> str:
        """Return a string that must not be empty."""
        text = self.text(name)
        if not text:
            raise invalid_field(self._full_name(name), f"{self._full_name(name)} is required.")
        return text

    def integer(self, name: str, default: int) -> int:
        """Return a 32-bit integer, which JSON may also contain as a string."""
        value = self._find(name)
        return default if value is None else self._to_integer(name, value)

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        value = self._find(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong_type(name, "a number", value)
        return value

    def inner(self, name: str) -> "Fields":
        """Return the fields of an object, which is empty if the field is missing."""
        value = self._find(name)
        return Fields({} if value is None else value, self._full_name(name))

    def items(self, name: str) -> Sequence[Any]:
        """Return a list, which is empty if the field is missing."""
        value = self._find(name)
        if value is not None and not isinstance(value, list):
            raise self._wrong_type(name, "a list", value)
        return value or []

    def texts(self, name: str) -> dict[str, str]:
        """Return an object whose values are strings."""
        fields = self.inner(name)
        return {key: fields.text(key) for key in fields._values}

    def integers(self, name: str) -> dict[str, int]:
        """Return an object whose values are integers."""
        fields = self.inner(name)
        return {key: fields._to_integer(key, value) for key, value in fields._values.items()}

    @property
    def _where(self) -> str:
        return f" at '{self._path}'" if self._path else ""

    def _full_name(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _find(self, name: str) -> Any:
        value = self._values.get(name)
        return self._values.get(_snake_case(name)) if value is None else value

    def _to_integer(self, name: str, value: object) -> int:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if isinstance(value, bool) or not _INTEGER.fullmatch(text) or int(text) not in _INT32:
            raise self._wrong_type(name, "an integer", value)
        return int(text)

    def _wrong_type(self, name: str, wanted: str, value: object) -> ApiError:
        return invalid_field(self._full_name(name), f"{self._full_name(name)} must be {wanted}, got {_kind(value)}.")


def _snake_case(name: str) -> str:
    return _CAPITAL.sub(r"_\1", name).lower()


def _kind(value: object) -> str:
    """Return a short description of a value, which itself may be long."""
    kinds = {dict: "an object", list: "a list", type(None): "null"}
    return kinds.get(type(value), f"{value!r:.40}")
