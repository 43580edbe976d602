"""Which calls are retried, and when."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from google.api_core import exceptions as google
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from requests import Response

from lib.errors import CredentialsMissing, ServiceBusy, ServiceRefused
from lib.providers.error_translation import ErrorTerms
from lib.providers.retries import RetryPolicy, find_retry_after_s


def make_call(outcomes: Sequence[Exception | str]) -> tuple[Callable[[], str], list[str]]:
    """Return a call with these outcomes in turn, and a list that grows with each call."""
    made: list[str] = []

    def call() -> str:
        outcome = outcomes[len(made)]
        made.append("made")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return call, made


def make_response(retry_after: str) -> Response:
    response = Response()
    response.status_code = 429
    response.headers["Retry-After"] = retry_after
    return response


def test_transient_errors_are_retried_until_the_call_succeeds() -> None:
    call, made = make_call([google.ServiceUnavailable("down"), google.TooManyRequests("quota"), "an answer"])

    assert RetryPolicy(ErrorTerms("it"), retry_for_s=10).call("v1", call) == "an answer"
    assert len(made) == 3


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (google.InvalidArgument("Bad picture."), ServiceRefused),
        (google.ServiceUnavailable("metadata from plugin failed: invalid_grant"), CredentialsMissing),
    ],
)
def test_permanent_errors_are_not_retried(error: Exception, ours: type[Exception]) -> None:
    call, made = make_call([error, "never given"])

    with pytest.raises(ours):
        RetryPolicy(ErrorTerms("it"), retry_for_s=10).call("v1", call)

    assert len(made) == 1


def test_a_call_without_time_for_retries_is_made_once() -> None:
    call, made = make_call([google.TooManyRequests("quota"), "never given"])

    with pytest.raises(ServiceBusy):
        RetryPolicy(ErrorTerms("it"), retry_for_s=0).call("v1", call)

    assert len(made) == 1


def test_a_call_is_not_retried_if_the_delay_exceeds_the_time_left() -> None:
    call, made = make_call([google.TooManyRequests("quota", response=make_response("3600")), "never given"])

    with pytest.raises(ServiceBusy):
        RetryPolicy(ErrorTerms("it"), retry_for_s=10).call("v1", call)

    assert len(made) == 1


def test_unexpected_exceptions_are_raised_unchanged() -> None:
    call, _ = make_call([ValueError("a bug")])

    with pytest.raises(ValueError, match="a bug"):
        RetryPolicy(ErrorTerms("it"), retry_for_s=10).call("v1", call)


def test_a_retry_after_header_in_seconds_is_respected() -> None:
    assert find_retry_after_s(google.TooManyRequests("quota", response=make_response("7"))) == 7.0


def test_a_retry_after_header_with_a_date_is_respected() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert 80 < find_retry_after_s(google.TooManyRequests("quota", response=make_response(at))) <= 90


@pytest.mark.parametrize("said", ["soon", "", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_an_invalid_retry_after_header_is_ignored(said: str) -> None:
    assert find_retry_after_s(google.TooManyRequests("quota", response=make_response(said))) == 0.0


@pytest.mark.parametrize(
    "detail", [RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)), {"retryDelay": "1.5s"}]
)
def test_the_delay_of_retry_info_is_respected_over_grpc_and_rest(detail: object) -> None:
    assert find_retry_after_s(google.TooManyRequests("quota", details=[detail])) == 1.5
