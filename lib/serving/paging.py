"""Lists in pages, as the API hands them out."""

import re
from collections.abc import Sequence
from typing import TypeVar

from lib.serving.refusals import invalid_field

_MOST_PER_PAGE = 1000
_PER_PAGE = 100
Item = TypeVar("Item")


def cut_page(items: Sequence[Item], page_size: int, page_token: str) -> tuple[Sequence[Item], str]:
    """One page of `items`, and the token of the next page, which is empty on the last one.

    A `page_size` of 0 leaves the size to the service. Raises Refused for a negative size or a token of nobody's.
    """
    if page_size < 0:
        raise invalid_field("page_size", f"The page size must not be negative, and is {page_size}.")
    start = _start(page_token, len(items))
    end = start + min(page_size or _PER_PAGE, _MOST_PER_PAGE)
    return items[start:end], str(end) if end < len(items) else ""


def _start(page_token: str, count: int) -> int:
    """Index that a token stands for: what is served does not change, so an index is all that a token needs."""
    if not page_token:
        return 0
    if not re.fullmatch("[0-9]{1,9}", page_token) or int(page_token) > count:
        raise invalid_field("page_token", "The page token is not one that this service gave.")
    return int(page_token)
