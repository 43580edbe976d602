"""Timeouts, retries, and the number of concurrent calls."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Condition
from typing import Any, TypeVar

from google.api_core import exceptions as google
from google.auth import exceptions as auth
from requests import RequestException
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_before_delay, wait_random_exponential

from lib.providers.error_translation import ErrorTerms, is_transient, translate


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds after which a call ends, and seconds for which a transient error is retried (0: never)."""

    call_s: float = 60
    retry_for_s: float = 10


MOST_CALLS = 16
_DECREASE_EVERY_S = 0.5


class ConcurrencyLimiter:
    """A limit on the calls in flight to a provider. Thread-safe.

    Halved when the provider receives too many requests, and raised by one for each round of calls that succeeds:
    additive increase, multiplicative decrease. Source: Chiu & Jain (1989), Comput. Netw. ISDN Syst. 17:1.
    """

    def __init__(self, most: int = MOST_CALLS) -> None:
        self._most = most
        self._limit = float(most)
        self._in_flight = 0
        self._decreased_s = -_DECREASE_EVERY_S
        self._changed = Condition()

    @property
    def limit(self) -> int:
        """How many calls may be in flight now."""
        return int(self._limit)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Take a place among the calls in flight; wait for one if there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < self.limit)
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def decrease(self) -> None:
        """Halve the limit. Calls that are refused together count once."""
        with self._changed:
            now_s = time.monotonic()
            if now_s - self._decreased_s >= _DECREASE_EVERY_S:
                self._decreased_s = now_s
                self._limit = max(1.0, self._limit / 2)

    def increase(self) -> None:
        """Raise the limit after a call that succeeded."""
        with self._changed:
            self._limit = min(float(self._most), self._limit + 1 / self._limit)
            self._changed.notify_all()


Response = TypeVar("Response")
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.1, 2.0
_BACKOFF = wait_random_exponential(multiplier=_FIRST_DELAY_S, max=_LONGEST_DELAY_S)
_LIBRARY_ERRORS = (google.GoogleAPICallError, google.RetryError, auth.GoogleAuthError, RequestException)


class RetryPolicy:
    """Calls to one provider. Transient errors are retried within `retry_for_s` (0: never).

    Delays are random and grow, and are at least as long as the provider requests.
    """

    def __init__(self, terms: ErrorTerms, retry_for_s: float) -> None:
        self._terms = terms
        self._limiter = ConcurrencyLimiter()
        self._retrying = Retrying(
            retry=retry_if_exception(_is_transient),
            wait=_find_delay_s,
            stop=stop_before_delay(retry_for_s),
            reraise=True,
        )

    def call(self, subject: str, function: Callable[[], Response]) -> Response:
        """Return what `function` returns. Raises ServiceError and its kinds, with messages about `subject`."""
        with self.translate_errors(subject):
            response: Response = self._retrying(self._call_once, function)
            return response

    @contextmanager
    def translate_errors(self, subject: str) -> Iterator[None]:
        """Turn errors of Google's libraries into ServiceError and its kinds, with messages about `subject`."""
        try:
            yield
        except _LIBRARY_ERRORS as error:
            raise translate(error, self._terms, subject) from error

    def _call_once(self, function: Callable[[], Response]) -> Response:
        with self._limiter.slot():
            try:
                response = function()
            except google.TooManyRequests:
                self._limiter.decrease()
                raise
        self._limiter.increase()
        return response


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, Exception) and is_transient(error)


def _find_delay_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return max(_BACKOFF(state), find_retry_after_s(error))


def find_retry_after_s(error: Any) -> float:
    """Return the seconds to wait that a RetryInfo or a Retry-After header requests; 0 for none."""
    return max(_find_retry_info_s(error), _find_header_s(error))


def _find_retry_info_s(error: Any) -> float:
    for detail in getattr(error, "details", None) or ():
        if hasattr(detail, "retry_delay"):
            return float(detail.retry_delay.ToTimedelta().total_seconds())
        if isinstance(detail, dict) and "retryDelay" in detail:
            return float(str(detail["retryDelay"]).removesuffix("s"))
    return 0.0


def _find_header_s(error: Any) -> float:
    # Source: RFC 9110, section 10.2.3: seconds, or a date.
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    value = headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
