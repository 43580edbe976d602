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
def test_a_filter_lets_pass_what_it_says(text: str, passes: bool) -> None:
    assert passes_filter(text, FIELDS) == passes


@pytest.mark.parametrize(
    "text", ["my flowers", "labels.a=b", 'display_name=my flowers"', "model>12", "model=1 AND model=2", "version=1"]
)
def test_a_filter_that_is_not_understood_says_what_is(text: str) -> None:
    with pytest.raises(ApiError, match=r'use display_name="\.\.\." or model="\.\.\."'):
        passes_filter(text, FIELDS)


def test_where_nothing_can_be_filtered_a_filter_is_refused() -> None:
    with pytest.raises(ApiError, match="leave the filter empty"):
        passes_filter("model=12", {})


def test_a_page_names_the_next_one() -> None:
    answer = list_page(make_call(pageSize="2"), "letters", "abc", lambda letter: {"is": letter})

    assert answer == {"letters": [{"is": "a"}, {"is": "b"}], "nextPageToken": "2"}


def test_an_empty_list_is_left_out_as_messages_leave_it_out() -> None:
    assert list_page(make_call(), "letters", "", lambda letter: {"is": letter}) == {}
