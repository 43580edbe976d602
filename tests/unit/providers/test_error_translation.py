"""Translation of Google's errors into app errors."""

from collections.abc import Callable

import pytest
from google.api_core import exceptions as google
from google.auth import exceptions as auth
from requests import ConnectionError as ConnectionFailed
from requests import Timeout

from lib.errors import (
    ApiDisabled,
    CredentialsMissing,
    ImageTooLarge,
    ModelGone,
    ModelUndeployed,
    PermissionMissing,
    PredictionTimedOut,
    ServiceBusy,
    ServiceError,
    ServiceRefused,
    ServiceUnreachable,
    WrongRegion,
)
from lib.providers.error_translation import ErrorTerms, is_transient, translate

BUILT_IN = ErrorTerms("the built-in service")
AUTOML = ErrorTerms("AutoML", "automl.googleapis.com", "roles/automl.viewer", "It was shut down in 2024.")


def make_auth_error(kind: Callable[[str], Exception], words: str) -> Exception:
    """An error of google-auth, whose constructors have no types."""
    return kind(words)


# Google's words are those of FACTS' sources: sections 2 and 4 of the services' documents and issue threads.
KNOWN: list[tuple[Exception, type[ServiceError], str]] = [
    (google.ServiceUnavailable("down"), ServiceUnreachable, "Check that it is running"),
    (google.Cancelled("RST_STREAM"), ServiceUnreachable, "was lost during the request for v1"),
    (google.ResourceExhausted("quota"), ServiceBusy, "too many requests for v1"),
    (google.TooManyRequests("quota"), ServiceBusy, "too many requests for v1"),
    (google.DeadlineExceeded("late"), PredictionTimedOut, "timed out on v1"),
    (google.GatewayTimeout("late"), PredictionTimedOut, "timed out on v1"),
    (Timeout("late"), PredictionTimedOut, "timed out on v1"),
    (ConnectionFailed("no route"), ServiceUnreachable, "network and proxy"),
    (make_auth_error(auth.TransportError, "no route"), ServiceUnreachable, "network and proxy"),
    (google.FailedPrecondition("not deployed"), ModelUndeployed, "Deploy it on the Models page"),
    (
        google.FailedPrecondition("The model is out of service: it hangs. Deploy it to try it again."),
        ModelUndeployed,
        "it hangs. Deploy it to try it again",
    ),
    (google.NotFound("Model not found"), ModelGone, "Choose another version"),
    (
        google.ServiceUnavailable("Getting metadata from plugin failed with error: ('invalid_grant: Bad Request',)"),
        CredentialsMissing,
        "have expired or were revoked",
    ),
    (
        make_auth_error(auth.RefreshError, "invalid_grant: Token has been expired or revoked."),
        CredentialsMissing,
        "gcloud auth",
    ),
    (
        make_auth_error(auth.RefreshError, "Reauthentication is needed."),
        CredentialsMissing,
        "have expired or were revoked",
    ),
    (
        make_auth_error(auth.RefreshError, "No access token in response."),
        CredentialsMissing,
        "does not accept these credentials",
    ),
    (google.Unauthenticated("invalid authentication credentials"), CredentialsMissing, "gcp_service_account"),
    (google.Unauthorized("invalid authentication credentials"), CredentialsMissing, "gcp_service_account"),
    (
        google.PermissionDenied("Cloud AutoML API has not been used in project 7 before or it is disabled."),
        ApiDisabled,
        "`gcloud services enable automl.googleapis.com --project PROJECT`",
    ),
    (google.Forbidden("API not enabled."), ApiDisabled, "the credentials' own"),
    (google.PermissionDenied("Permission 'automl.models.predict' denied"), PermissionMissing, "roles/automl.viewer"),
    (google.Forbidden("Permission denied"), PermissionMissing, "add-iam-policy-binding"),
    (
        google.InvalidArgument("The provided location ID doesn't match the endpoint. For this ID use eu-automl."),
        WrongRegion,
        "Choose the region in which it was trained",
    ),
    (google.InvalidArgument("Model ID is invalid. It should start with 3 letters."), ModelGone, "a Vertex AI model"),
    (google.BadRequest("Invalid resource ID"), ModelGone, "expects the id of v1, not its name"),
    (
        google.BadRequest("The request size (1600000 bytes) exceeds 1.500MB limit."),
        ImageTooLarge,
        "start a new session",
    ),
    (google.BadRequest("Request payload size exceeds the limit: 10485760 bytes."), ImageTooLarge, "scaled down once"),
    (
        google.ResourceExhausted("SERVER: Received message larger than max (5242880 vs. 4194304)"),
        ImageTooLarge,
        "Save it smaller",
    ),
]


@pytest.mark.parametrize(("error", "kind", "words"), KNOWN)
def test_a_known_error_becomes_an_actionable_app_error(error: Exception, kind: type[ServiceError], words: str) -> None:
    ours = translate(error, AUTOML, "v1")

    assert type(ours) is kind
    assert words in str(ours)


def test_an_unknown_error_keeps_the_message_of_the_service() -> None:
    error = translate(google.InvalidArgument("Bad picture."), BUILT_IN, "v1")

    assert isinstance(error, ServiceRefused)
    assert str(error) == "The built-in service refused the request for v1: Bad picture."


@pytest.mark.parametrize(
    "error", [google.MethodNotImplemented("gone"), google.NotFound("no such path"), google.ServiceUnavailable("gone")]
)
def test_an_error_of_a_discontinued_service_includes_a_hint(error: Exception) -> None:
    assert str(translate(error, AUTOML, "v1")).endswith("It was shut down in 2024.")


def test_the_cause_of_a_retry_error_is_translated() -> None:
    given_up = google.RetryError("Timeout of 10s exceeded", google.ResourceExhausted("quota"))

    assert isinstance(translate(given_up, BUILT_IN, "v1"), ServiceBusy)


@pytest.mark.parametrize("error", [google.ServiceUnavailable("down"), google.ResourceExhausted("quota")])
def test_transient_errors_are_retried(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        google.ServiceUnavailable("Getting metadata from plugin failed with error: invalid_grant"),
        google.ResourceExhausted("Received message larger than max (5 vs. 4)"),
        google.InvalidArgument("Bad picture."),
        google.FailedPrecondition("not deployed"),
        ValueError("a bug"),
    ],
)
def test_permanent_errors_are_not_retried(error: Exception) -> None:
    assert not is_transient(error)
