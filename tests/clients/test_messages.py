"""Google's errors, as pages say them."""

import pytest
from google.api_core import exceptions as google

from lib.clients.messages import is_passing, translate
from lib.errors import ServiceBusy, ServiceError, ServiceRefused, ServiceUnreachable


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (google.ServiceUnavailable("down"), ServiceUnreachable),
        (google.Cancelled("RST_STREAM"), ServiceUnreachable),
        (google.ResourceExhausted("quota"), ServiceBusy),
        (google.TooManyRequests("quota"), ServiceBusy),
    ],
)
def test_grpc_and_rest_end_in_the_same_error(error: Exception, kind: type[ServiceError]) -> None:
    assert isinstance(translate(error, "the built-in service", "v1"), kind)


def test_an_unknown_error_shows_the_services_own_words() -> None:
    error = translate(google.InvalidArgument("Bad picture."), "the built-in service", "v1")

    assert isinstance(error, ServiceRefused)
    assert str(error) == "The built-in service did not answer for v1: Bad picture."


def test_the_cause_behind_the_end_of_retrying_is_what_counts() -> None:
    given_up = google.RetryError("Timeout of 10s exceeded", google.ResourceExhausted("quota"))

    assert isinstance(translate(given_up, "the built-in service", "v1"), ServiceBusy)


@pytest.mark.parametrize("error", [google.ServiceUnavailable("down"), google.ResourceExhausted("quota")])
def test_what_can_pass_is_tried_again(error: Exception) -> None:
    assert is_passing(error)


@pytest.mark.parametrize(
    "error",
    [
        google.ServiceUnavailable("Getting metadata from plugin failed with error: invalid_grant"),
        google.InvalidArgument("Bad picture."),
        google.FailedPrecondition("not deployed"),
        ValueError("a bug"),
    ],
)
def test_what_cannot_pass_is_not_tried_again(error: Exception) -> None:
    assert not is_passing(error)
