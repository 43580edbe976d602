"""Parsing of request fields."""

from typing import Any

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.vertex.fields import Fields


def test_field_names_may_be_in_camel_case_or_snake_case() -> None:
    fields = Fields({"pageSize": 5, "page_token": "x"})

    assert (fields.integer("pageSize", 0), fields.text("pageToken")) == (5, "x")


def test_null_is_treated_as_missing() -> None:
    fields = Fields({"a": None})

    assert (fields.has("a"), fields.text("a"), fields.integer("a", 3), fields.number("a", 0.5)) == (False, "", 3, 0.5)
    assert (fields.items("a"), fields.texts("a"), fields.integers("a")) == ([], {}, {})


@pytest.mark.parametrize(("value", "number"), [(7, 7), ("7", 7), (7.0, 7), (-1, -1), (2147483647, 2147483647)])
def test_integers_may_be_numbers_or_strings(value: object, number: int) -> None:
    assert Fields({"n": value}).integer("n", 0) == number


@pytest.mark.parametrize("value", [True, 1.5, "x", "", "1" * 20, 2147483648, 1e300, float("nan"), float("inf"), [1]])
def test_a_value_that_is_not_a_32_bit_integer_is_rejected(value: object) -> None:
    with pytest.raises(ApiError, match="n must be an integer"):
        Fields({"n": value}).integer("n", 0)


@pytest.mark.parametrize(
    ("reader", "value", "message"),
    [
        ("text", 5, "parent.a must be a string, got 5"),
        ("required_text", "", "parent.a is required"),
        ("items", {}, "parent.a must be a list, got an object"),
        ("inner", [], "parent.a must be a JSON object, got a list"),
        ("texts", {"b": 5}, "parent.a.b must be a string"),
        ("integers", {"b": "x"}, "parent.a.b must be an integer"),
    ],
)
def test_an_error_names_the_field_and_the_value(reader: str, value: Any, message: str) -> None:
    fields = Fields({"a": value}, "parent")

    with pytest.raises(ApiError, match=message) as caught:
        getattr(fields, reader)("a")

    assert caught.value.details[0].field_violations[0].field.startswith("parent.a")


def test_unknown_fields_are_rejected_by_name() -> None:
    with pytest.raises(ApiError, match="Unknown name \"color\" at 'parent': Cannot find field"):
        Fields({"pageSize": 5, "color": 1}, "parent").allow_only("pageSize")


def test_long_values_are_shortened_in_errors() -> None:
    with pytest.raises(ApiError) as caught:
        Fields({"a": "x" * 10_000}).items("a")

    assert len(str(caught.value)) < 100
