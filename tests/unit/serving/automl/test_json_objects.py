"""Parsing of JSON objects, and rejection of everything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.serving.json_objects import read_json_object


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'"a"',
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"\\ud800": 1}',
        b'{"a": ["\\udfff"]}',
        b'{"a": {"b": [{"c": "x\\ud83d"}]}}',
    ],
)
def test_invalid_json_objects_are_rejected(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json_object(content)


# In JSON of ASCII alone, the last one is written as two halves.
@pytest.mark.parametrize("text", ["", "Zürich", "猫", "😀"])
def test_valid_unicode_characters_are_kept(text: str) -> None:
    assert read_json_object(json.dumps({text: [text]}).encode()) == {text: [text]}


@given(fields=st.dictionaries(st.text(), st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=20)))
def test_every_json_object_round_trips(fields: dict[str, Any]) -> None:
    assert read_json_object(json.dumps(fields, ensure_ascii=False).encode()) == fields
