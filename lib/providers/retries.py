"""Timeouts, retries, and how many calls are in flight at once."""

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

from lib.providers.error_translation import FailedCall, is_passing, translate


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: a call ends after `answer_within_s`; one that may pass is made again for `retry_for_s` (0: never)."""

    answer_within_s: float = 60
    retry_for_s: float = 10


MOST_CALLS = 16
_SLOWS_DOWN_EVERY_S = 0.5


class ConcurrencyLimiter:
    """A bound on the calls in flight, shared by all who ask a service.

    Halved when the service has had too many, and raised by one for each round of calls that it answers: additive
    increase, multiplicative decrease. Source: Chiu & Jain (1989), Comput. Netw. ISDN Syst. 17:1.
    """

    def __init__(self, most: int = MOST_CALLS) -> None:
        self._most = most
        self._bound = float(most)
        self._in_flight = 0
        self._slowed_down_s = -_SLOWS_DOWN_EVERY_S
        self._changed = Condition()

    @property
    def bound(self) -> int:
        """How many calls may be in flight now."""
        return int(self._bound)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A place among the calls in flight; waits for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < self.bound)
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def slow_down(self) -> None:
        """The service had too many. Calls refused together are one sign, not many."""
        with self._changed:
            now_s = time.monotonic()
            if now_s - self._slowed_down_s >= _SLOWS_DOWN_EVERY_S:
                self._slowed_down_s = now_s
                self._bound = max(1.0, self._bound / 2)

    def speed_up(self) -> None:
        """The service answered."""
        with self._changed:
            self._bound = min(float(self._most), self._bound + 1 / self._bound)
            self._changed.notify_all()


Answer = TypeVar("Answer")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
_BACKOFF = wait_random_exponential(multiplier=_FIRST_PAUSE_S, max=_LONGEST_PAUSE_S)
_FOREIGN = (google.GoogleAPICallError, google.RetryError, auth.GoogleAuthError, RequestException)


class RetryPolicy:
    """Calls of one service. One that may pass is made again with growing, random pauses, or after the time that the
    service asks for, as long as `retry_for_s` allows (0: never).
    """

    def __init__(self, asked: FailedCall, retry_for_s: float) -> None:
        self._asked = asked
        self._flow = ConcurrencyLimiter()
        self._retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            wait=_wait_s,
            stop=stop_before_delay(retry_for_s),
            reraise=True,
        )

    def ask(self, subject: str, call: Callable[[], Answer]) -> Answer:
        """What `call` gives. Raises ServiceError and its kinds, in sentences about `subject`."""
        with self.translated(subject):
            answer: Answer = self._retrying(self._ask_once, call)
            return answer

    @contextmanager
    def translated(self, subject: str) -> Iterator[None]:
        """Turns what Google's libraries raise into ServiceError and its kinds, in sentences about `subject`."""
        try:
            yield
        except _FOREIGN as error:
            raise translate(error, self._asked, subject) from error

    def _ask_once(self, call: Callable[[], Answer]) -> Answer:
        with self._flow.slot():
            try:
                answer = call()
            except google.TooManyRequests:
                self._flow.slow_down()
                raise
        self._flow.speed_up()
        return answer


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Exception) and is_passing(error)


def _wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return max(_BACKOFF(state), find_retry_after_s(error))


def find_retry_after_s(error: Any) -> float:
    """Seconds that a service asks to be left alone for: of a RetryInfo or a Retry-After header; 0 for none."""
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
    said = headers.get("Retry-After", "")
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
