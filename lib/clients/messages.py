"""The border where Google's errors become ours: what happened, and what to do next.

gRPC's classes are those of REST or subclasses of them, so the parents are named here. Checked against
google-api-core 2.44.
"""

from google.api_core import exceptions as google

from lib.errors import (
    ModelGone,
    ModelUndeployed,
    PredictionTimedOut,
    ServiceBusy,
    ServiceError,
    ServiceRefused,
    ServiceUnreachable,
)

_KINDS: tuple[tuple[type[Exception], type[ServiceError], str], ...] = (
    (
        google.FailedPrecondition,
        ModelUndeployed,
        "{subject} is not deployed, so it does not predict. Deploy it on the Models page, then press Retry failed.",
    ),
    (
        google.NotFound,
        ModelGone,
        "{service} has no {subject} any more. Choose another version in the sidebar.",
    ),
    (
        google.GatewayTimeout,
        PredictionTimedOut,
        "{service} gave no answer for {subject} in time. It may be overloaded: press Retry failed in a moment.",
    ),
    (
        google.TooManyRequests,
        ServiceBusy,
        "{service} has too many requests for {subject}. Wait a minute, then press Retry failed.",
    ),
    (
        google.ServiceUnavailable,
        ServiceUnreachable,
        "{service} cannot be reached for {subject}. Check that it is running, then press Retry failed.",
    ),
    (
        google.Cancelled,
        ServiceUnreachable,
        "The connection to {service} broke before {subject} answered. Press Retry failed.",
    ),
)


def translate(error: Exception, service: str, subject: str) -> ServiceError:
    """Our error for one that Google's client raised while `service` was asked for or about `subject`.

    Anything that is not one of the known kinds keeps Google's own words.
    """
    error = _cause(error)
    for foreign, ours, sentence in _KINDS:
        if isinstance(error, foreign):
            return ours(_capitalised(sentence.format(service=service, subject=subject)))
    words = getattr(error, "message", None) or str(error)
    return ServiceRefused(_capitalised(f"{service} did not answer for {subject}: {words}"))


def is_passing(error: Exception) -> bool:
    """Whether the same call may succeed a moment later.

    Expired credentials arrive as "unavailable" too, and never pass by waiting.
    """
    if "metadata from plugin failed" in str(error):
        return False
    return isinstance(error, google.ServiceUnavailable | google.TooManyRequests)


def _cause(error: Exception) -> Exception:
    # A RetryError says only that time ran out; what went wrong each time is its cause.
    return error.cause if isinstance(error, google.RetryError) and error.cause else error


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
