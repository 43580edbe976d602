"""What callers see of an error that nobody foresaw: that there was one."""

import logging
from collections.abc import Callable
from typing import Any

from lib.serving.api_errors import ApiError, internal
from lib.serving.models.fault_models import ConnectionDropped

_log = logging.getLogger(__name__)


def call_within_error_boundary(answer: Callable[[Any], Any], request: Any) -> Any:
    """What `answer` gives. Raises Refused, also in place of every error nobody foresaw, and ConnectionDropped."""
    try:
        return answer(request)
    except (ApiError, ConnectionDropped):
        raise
    except Exception as error:
        _log.exception("A call failed.")
        raise internal() from error
