"""The border where Google's errors become ours: what happened, and what to do next.

gRPC's classes are those of REST or subclasses of them, so the parents are named here. Checked against
google-api-core 2.44 and google-auth 2.62.
"""

import re
from dataclasses import dataclass

from google.api_core import exceptions as google
from google.auth import exceptions as auth
from requests import ConnectionError as ConnectionFailed
from requests import Timeout
from requests.exceptions import ChunkedEncodingError

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


@dataclass(frozen=True, slots=True)
class FailedCall:
    """Who was asked: `service` as a sentence names it; `api`, `roles` and `afterword` stand in advice.

    `afterword` follows what the service says in words of its own.
    """

    provider: str
    api: str = ""
    roles: str = ""
    afterword: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """Errors of these classes whose text fits the pattern, and what they are here."""

    foreign: type[Exception] | tuple[type[Exception], ...]
    pattern: str
    ours: type[ServiceError]
    sentence: str


_ANY = ""
_EXPIRED = r"metadata from plugin failed|invalid_grant|[Rr]eauthentication"
# From the most special to the most general: the first that fits is taken.
_KNOWN = (
    _Known(
        (google.ServiceUnavailable, auth.RefreshError),
        _EXPIRED,
        CredentialsMissing,
        "The credentials for {provider} have expired or were withdrawn. Sign in again with"
        " `gcloud auth application-default login`, or use a new key, then try again.",
    ),
    _Known(
        (auth.TransportError, ConnectionFailed),
        _ANY,
        ServiceUnreachable,
        "{provider} cannot be reached for {subject}. Check this server's network and proxy, then try again.",
    ),
    _Known(
        (google.Unauthorized, auth.GoogleAuthError),
        _ANY,
        CredentialsMissing,
        "{provider} does not accept these credentials. Sign in with `gcloud auth application-default login`, or set"
        " [gcp_service_account] in .streamlit/secrets.toml. Google says: {words}",
    ),
    _Known(
        google.Forbidden,
        r"has not been used in project|is disabled|SERVICE_DISABLED|API (is )?not enabled",
        ApiDisabled,
        "The API of {provider} is not enabled. Run `gcloud services enable {api} --project PROJECT`, wait a minute, and"
        " try again; the project in Google's words may be the one of the credentials. Google says: {words}",
    ),
    _Known(
        google.Forbidden,
        _ANY,
        PermissionMissing,
        "These credentials may not ask {provider} for {subject}. Someone who administers the project grants {roles}:"
        " `gcloud projects add-iam-policy-binding PROJECT --member=MEMBER --role=ROLE`. Google says: {words}",
    ),
    _Known(
        google.BadRequest,
        r"location ID doesn't match the endpoint",
        WrongRegion,
        "The region does not fit the address that was asked. Choose the region in which {subject} was trained.",
    ),
    _Known(
        google.BadRequest,
        r"Model ID is invalid",
        ModelGone,
        "The id of {subject} is none of AutoML, whose ids begin with letters (ICN…). It may be one of Vertex AI: choose"
        " that service in the sidebar.",
    ),
    _Known(
        google.BadRequest,
        r"Invalid resource ID",
        ModelGone,
        "A name stands where {provider} wants the id of {subject}. Choose the version in the sidebar again.",
    ),
    _Known(
        google.BadRequest,
        r"request size .* exceeds|Request payload size exceeds",
        ImageTooLarge,
        "The image is larger than {provider} takes in one request. Bring it again in a new session with {subject}"
        " chosen first: it is then scaled down once, for all versions.",
    ),
    _Known(
        google.TooManyRequests,
        r"larger than max",
        ImageTooLarge,
        "The image is larger than {provider} takes in one request: bring it again, saved smaller.",
    ),
    _Known(
        google.FailedPrecondition,
        r"model is out of service",
        ModelUndeployed,
        "{provider} no longer runs {subject}. {words}",
    ),
    _Known(
        google.FailedPrecondition,
        _ANY,
        ModelUndeployed,
        "{subject} is not deployed, so it does not predict. Deploy it on the Models page, then try again.",
    ),
    _Known(
        google.NotFound,
        _ANY,
        ModelGone,
        "{provider} does not find {subject} any more. Choose another version in the sidebar. {afterword}",
    ),
    _Known(
        (google.GatewayTimeout, Timeout),
        _ANY,
        PredictionTimedOut,
        "{provider} gave no answer for {subject} in time. It may be overloaded: try again in a moment.",
    ),
    _Known(
        google.TooManyRequests,
        _ANY,
        ServiceBusy,
        "{provider} has too many requests for {subject}. Wait a minute, then try again.",
    ),
    _Known(
        google.ServiceUnavailable,
        _ANY,
        ServiceUnreachable,
        "{provider} cannot be reached for {subject}. Check that it is running, then try again. {afterword}",
    ),
    _Known(
        (google.Cancelled, ChunkedEncodingError),
        _ANY,
        ServiceUnreachable,
        "The connection to {provider} broke before {subject} answered. Try again.",
    ),
)
_UNKNOWN = _Known(Exception, _ANY, ServiceRefused, "{provider} did not answer for {subject}: {words} {afterword}")


def translate(error: Exception, asked: FailedCall, subject: str) -> ServiceError:
    """Our error for one that Google's libraries raised while a service was asked for or about `subject`.

    Anything that is not one of the known kinds keeps Google's own words.
    """
    error = _cause(error)
    words = find_words(error)
    found = (known for known in _KNOWN if isinstance(error, known.foreign) and re.search(known.pattern, words))
    known = next(found, _UNKNOWN)
    sentence = known.sentence.format(
        provider=asked.provider,
        subject=subject,
        api=asked.api,
        roles=asked.roles,
        afterword=asked.afterword,
        words=words,
    )
    # A version's name stays as it is, wherever it stands.
    begins_with_name = known.sentence.startswith("{subject}")
    return known.ours(sentence.strip() if begins_with_name else _capitalised(sentence.strip()))


def find_words(error: Exception) -> str:
    """What Google says, without its code."""
    return str(getattr(error, "message", None) or error)


def is_passing(error: Exception) -> bool:
    """Whether the same call may succeed a moment later.

    Expired credentials arrive as "unavailable" too, and never pass by waiting; nor does an image that is too large,
    which gRPC calls "exhausted".
    """
    if re.search(rf"{_EXPIRED}|larger than max", str(error)):
        return False
    return isinstance(error, google.ServiceUnavailable | google.TooManyRequests)


def _cause(error: Exception) -> Exception:
    # A RetryError says only that time ran out; what went wrong each time is its cause.
    return error.cause if isinstance(error, google.RetryError) and error.cause else error


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
