"""Filters and pages."""

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.vertex.calls import VertexCall, list_page, passes_filter
from lib.serving.vertex.fields import Fields

FIELDS = {"display_name": "my flowers", "model": "12"}


def make_call(**query: object) -> VertexCall:
    return VertexCall({"location": "projects/p/locations/local"}, Fields(query), Fields({}))


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("  ", True),
        ('display_name="my flowers"', True),
        ('displayName = "my flowers"', True),
        ('display_name="flowers"', False),
        ('display_name!="flowers"', True),
        ("model=12", True),
        ("model != 12", False),
    ],
)
def test_a_filter_selects_matching_items(text: str, passes: bool) -> None:
    assert passes_filter(text, FIELDS) == passes


@pytest.mark.parametrize(
    "text", ["my flowers", "labels.a=b", 'display_name=my flowers"', "model>12", "model=1 AND model=2", "version=1"]
)
def test_an_unsupported_filter_is_rejected_with_the_supported_ones(text: str) -> None:
    with pytest.raises(ApiError, match=r'use display_name="\.\.\." or model="\.\.\."'):
        passes_filter(text, FIELDS)


def test_a_filter_is_rejected_on_a_list_without_filters() -> None:
    with pytest.raises(ApiError, match="leave the filter empty"):
        passes_filter("model=12", {})


def test_a_page_has_the_token_of_the_next_page() -> None:
    answer = list_page(make_call(pageSize="2"), "letters", "abc", lambda letter: {"is": letter})

    assert answer == {"letters": [{"is": "a"}, {"is": "b"}], "nextPageToken": "2"}


def test_an_empty_list_is_omitted_from_the_response() -> None:
    assert list_page(make_call(), "letters", "", lambda letter: {"is": letter}) == {}
