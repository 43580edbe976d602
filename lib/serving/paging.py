"""Pages of lists, for both APIs."""

import re
from collections.abc import Sequence
from typing import TypeVar

from lib.serving.api_errors import invalid_field

_MAX_PAGE_SIZE = 1000
_DEFAULT_PAGE_SIZE = 100
Item = TypeVar("Item")


def take_page(items: Sequence[Item], page_size: int, page_token: str) -> tuple[Sequence[Item], str]:
    """Return one page of `items` and the token of the next page, which is empty on the last page.

    With a `page_size` of 0, the service chooses the size. Raises ApiError for a negative size or an unknown token.
    """
    if page_size < 0:
        raise invalid_field("page_size", f"The page size must not be negative, got {page_size}.")
    start = _read_token(page_token, len(items))
    end = start + min(page_size or _DEFAULT_PAGE_SIZE, _MAX_PAGE_SIZE)
    return items[start:end], str(end) if end < len(items) else ""


def _read_token(page_token: str, count: int) -> int:
    # Lists keep their order while the service runs, so a token is the index of the page's first item.
    if not page_token:
        return 0
    if not re.fullmatch("[0-9]{1,9}", page_token) or int(page_token) > count:
        raise invalid_field("page_token", "The page token is not one that this service returned.")
    return int(page_token)
