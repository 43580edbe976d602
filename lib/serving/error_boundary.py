"""The boundary at which unexpected errors become an internal error for the caller and a traceback in the log."""

import logging
from collections.abc import Callable
from typing import Any

from lib.serving.api_errors import ApiError, internal_error

_log = logging.getLogger(__name__)


class ConnectionDropped(Exception):
    """Raised to end the caller's connection without a response."""


def call_within_error_boundary(answer: Callable[[Any], Any], request: Any) -> Any:
    """Return `answer(request)`. Raises ApiError, also in place of any unexpected error, and ConnectionDropped."""
    try:
        return answer(request)
    except (ApiError, ConnectionDropped):
        raise
    except Exception as error:
        _log.exception("A call failed.")
        raise internal_error() from error
