"""Translates errors of Google's libraries into the app's own, which say what happened and what to do next.

The classes of gRPC errors are those of REST or subclasses of them, so this module names the parents. Checked with
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
class ErrorTerms:
    """How error messages name a provider, its API and the roles that it requires.

    `notice` follows messages that quote the provider.
    """

    provider: str
    api: str = ""
    roles: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """Turns errors of these classes whose text matches the pattern into an error of the app."""

    source: type[Exception] | tuple[type[Exception], ...]
    pattern: str
    target: type[ServiceError]
    message: str


_ANY = ""
_EXPIRED = r"metadata from plugin failed|invalid_grant|[Rr]eauthentication"
# From the most special to the most general: the first that matches is used.
_RULES = (
    _Rule(
        (google.ServiceUnavailable, auth.RefreshError),
        _EXPIRED,
        CredentialsMissing,
        "The credentials for {provider} have expired or were revoked. Sign in again with"
        " `gcloud auth application-default login`, or use a new key, then try again.",
    ),
    _Rule(
        (auth.TransportError, ConnectionFailed),
        _ANY,
        ServiceUnreachable,
        "Cannot reach {provider} for {subject}. Check this server's network and proxy, then try again.",
    ),
    _Rule(
        (google.Unauthorized, auth.GoogleAuthError),
        _ANY,
        CredentialsMissing,
        "{provider} does not accept these credentials. Sign in with `gcloud auth application-default login`, or set"
        " [gcp_service_account] in .streamlit/secrets.toml. Its message: {quote}",
    ),
    _Rule(
        google.Forbidden,
        r"has not been used in project|is disabled|SERVICE_DISABLED|API (is )?not enabled",
        ApiDisabled,
        "The API of {provider} is not enabled. Run `gcloud services enable {api} --project PROJECT`, wait a minute, and"
        " try again. The project in the report may be the credentials' own. Its message: {quote}",
    ),
    _Rule(
        google.Forbidden,
        _ANY,
        PermissionMissing,
        "These credentials have no permission for {subject} in {provider}. Ask an administrator of the project to grant"
        " {roles}: `gcloud projects add-iam-policy-binding PROJECT --member=MEMBER --role=ROLE`."
        " Its message: {quote}",
    ),
    _Rule(
        google.BadRequest,
        r"location ID doesn't match the endpoint",
        WrongRegion,
        "This region has no access to {subject}. Choose the region in which it was trained.",
    ),
    _Rule(
        google.BadRequest,
        r"Model ID is invalid",
        ModelGone,
        "The id of {subject} is not an AutoML id, which starts with letters (ICN…). If it is a Vertex AI model, choose"
        " that provider in the sidebar.",
    ),
    _Rule(
        google.BadRequest,
        r"Invalid resource ID",
        ModelGone,
        "{provider} expects the id of {subject}, not its name. Choose the version in the sidebar again.",
    ),
    _Rule(
        google.BadRequest,
        r"request size .* exceeds|Request payload size exceeds",
        ImageTooLarge,
        "The image exceeds the request limit of {provider}. Select {subject}, start a new session and upload the image"
        " again: it is then scaled down once, for all versions.",
    ),
    _Rule(
        google.TooManyRequests,
        r"larger than max",
        ImageTooLarge,
        "The image exceeds the request limit of {provider}. Save it smaller, then upload it again.",
    ),
    _Rule(
        google.FailedPrecondition,
        r"model is out of service",
        ModelUndeployed,
        "{provider} no longer serves {subject}. {quote}",
    ),
    _Rule(
        google.FailedPrecondition,
        _ANY,
        ModelUndeployed,
        "{subject} is not deployed. Deploy it on the Models page, then try again.",
    ),
    _Rule(
        google.NotFound,
        _ANY,
        ModelGone,
        "{provider} cannot find {subject}. Choose another version in the sidebar. {notice}",
    ),
    _Rule(
        (google.GatewayTimeout, Timeout),
        _ANY,
        PredictionTimedOut,
        "{provider} timed out on {subject}. It may be overloaded: try again in a moment.",
    ),
    _Rule(
        google.TooManyRequests,
        _ANY,
        ServiceBusy,
        "{provider} received too many requests for {subject}. Wait a minute, then try again.",
    ),
    _Rule(
        google.ServiceUnavailable,
        _ANY,
        ServiceUnreachable,
        "Cannot reach {provider} for {subject}. Check that it is running, then try again. {notice}",
    ),
    _Rule(
        (google.Cancelled, ChunkedEncodingError),
        _ANY,
        ServiceUnreachable,
        "The connection to {provider} was lost during the request for {subject}. Try again.",
    ),
)
_DEFAULT = _Rule(Exception, _ANY, ServiceRefused, "{provider} refused the request for {subject}: {quote} {notice}")


def translate(error: Exception, terms: ErrorTerms, subject: str) -> ServiceError:
    """Return the app's error for one that Google's libraries raised in a request about `subject`.

    Errors that no rule matches are quoted.
    """
    error = _find_cause(error)
    quote = find_message(error)
    matches = (rule for rule in _RULES if isinstance(error, rule.source) and re.search(rule.pattern, quote))
    rule = next(matches, _DEFAULT)
    message = rule.message.format(
        provider=terms.provider,
        subject=subject,
        api=terms.api,
        roles=terms.roles,
        notice=terms.notice,
        quote=quote,
    )
    # A version's name keeps its case, also at the beginning.
    begins_with_name = rule.message.startswith("{subject}")
    return rule.target(message.strip() if begins_with_name else _capitalize(message.strip()))


def find_message(error: Exception) -> str:
    """Return the error's message without its code."""
    return str(getattr(error, "message", None) or error)


def is_transient(error: Exception) -> bool:
    """Report whether the same call may succeed a moment later.

    Expired credentials arrive as "unavailable" too, and waiting does not help. Nor does it help an image that is too
    large, which gRPC calls "exhausted".
    """
    if re.search(rf"{_EXPIRED}|larger than max", str(error)):
        return False
    return isinstance(error, google.ServiceUnavailable | google.TooManyRequests)


def _find_cause(error: Exception) -> Exception:
    # A RetryError says only that time ran out. Its cause is what went wrong each time.
    return error.cause if isinstance(error, google.RetryError) and error.cause else error


def _capitalize(message: str) -> str:
    return message[:1].upper() + message[1:]
