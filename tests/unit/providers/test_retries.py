"""Calls that are made again, and when."""

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
    """A call that ends in each outcome in turn, and a list that grows with each time it is made."""
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


def test_what_may_pass_is_asked_again_until_it_does() -> None:
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
def test_what_cannot_pass_is_asked_once(error: Exception, ours: type[Exception]) -> None:
    call, made = make_call([error, "never given"])

    with pytest.raises(ours):
        RetryPolicy(ErrorTerms("it"), retry_for_s=10).call("v1", call)

    assert len(made) == 1


def test_without_time_to_retry_it_is_asked_once() -> None:
    call, made = make_call([google.TooManyRequests("quota"), "never given"])

    with pytest.raises(ServiceBusy):
        RetryPolicy(ErrorTerms("it"), retry_for_s=0).call("v1", call)

    assert len(made) == 1


def test_a_service_that_wants_more_time_than_there_is_is_not_asked_in_vain() -> None:
    call, made = make_call([google.TooManyRequests("quota", response=make_response("3600")), "never given"])

    with pytest.raises(ServiceBusy):
        RetryPolicy(ErrorTerms("it"), retry_for_s=10).call("v1", call)

    assert len(made) == 1


def test_a_bug_of_ours_stays_loud() -> None:
    call, _ = make_call([ValueError("a bug")])

    with pytest.raises(ValueError, match="a bug"):
        RetryPolicy(ErrorTerms("it"), retry_for_s=10).call("v1", call)


def test_seconds_of_a_retry_after_header_are_honoured() -> None:
    assert find_retry_after_s(google.TooManyRequests("quota", response=make_response("7"))) == 7.0


def test_a_date_of_a_retry_after_header_is_honoured() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert 80 < find_retry_after_s(google.TooManyRequests("quota", response=make_response(at))) <= 90


@pytest.mark.parametrize("said", ["soon", "", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_a_retry_after_header_that_means_nothing_asks_for_no_time(said: str) -> None:
    assert find_retry_after_s(google.TooManyRequests("quota", response=make_response(said))) == 0.0


@pytest.mark.parametrize(
    "detail", [RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)), {"retryDelay": "1.5s"}]
)
def test_the_delay_of_a_retry_info_is_honoured_over_grpc_and_rest(detail: object) -> None:
    assert find_retry_after_s(google.TooManyRequests("quota", details=[detail])) == 1.5
