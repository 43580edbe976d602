"""Waiting for a store that is not available for a while."""

from collections.abc import Callable
from threading import Event
from typing import ParamSpec, TypeVar

from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    stop_all,
    stop_any,
    stop_when_event_set,
    wait_random_exponential,
)
from tenacity.nap import sleep_using_event

from lib.errors import StorageUnavailable

_AWAITED_S = 30
# A call over a connection that passes nothing takes longer than that; the next one uses another connection.
_ATTEMPTS = 5
_LONGEST_PAUSE_S = 2

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def wait_for_store(
    ended: Event, call: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
) -> _Result:
    """Call a method of the store; while the store is not available, again for half a minute, or until `ended` is set.

    Only for jobs in the background: a page shows the error at once. Raises StorageUnavailable.
    """
    retrying = Retrying(
        retry=retry_if_exception(_is_retryable),
        wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_PAUSE_S),
        stop=stop_any(
            stop_all(stop_after_delay(_AWAITED_S), stop_after_attempt(_ATTEMPTS)), stop_when_event_set(ended)
        ),
        sleep=sleep_using_event(ended),
        reraise=True,
    )
    return retrying(call, *args, **kwargs)


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, StorageUnavailable) and error.is_retryable
