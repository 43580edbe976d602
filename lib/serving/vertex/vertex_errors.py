"""Refusals in Vertex AI's words, where those are known."""

from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2

from lib.serving.api_errors import ApiError

_SERVICE = "aiplatform.googleapis.com"
_EXPECTED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def not_found(kind: str, name: str) -> ApiError:
    """NOT_FOUND for a resource; `kind` is its word, such as `Model`."""
    sentence = f"{kind} `{name}` not found."
    resource = error_details_pb2.ResourceInfo(
        resource_type=f"{_SERVICE}/{kind}", resource_name=name, description=sentence
    )
    return ApiError(code_pb2.NOT_FOUND, sentence, [resource])


def no_such_path(verb: str, path: str) -> ApiError:
    """NOT_FOUND for a path that no method of this service has."""
    sentence = f"No method answers {verb} {path}: the built-in service has the part of Vertex AI that predicts."
    return ApiError(code_pb2.NOT_FOUND, sentence, [_reason("PATH_NOT_FOUND", path=path)])


def already_exists(kind: str, name: str) -> ApiError:
    """ALREADY_EXISTS, for an id that was asked for and is taken."""
    return ApiError(code_pb2.ALREADY_EXISTS, f"{kind} `{name}` already exists.", [_reason("ALREADY_EXISTS")])


def precondition(subject: str, sentence: str) -> ApiError:
    """FAILED_PRECONDITION because of the state that `subject` is in."""
    violation = error_details_pb2.PreconditionFailure.Violation(type="STATE", subject=subject, description=sentence)
    return ApiError(code_pb2.FAILED_PRECONDITION, sentence, [_failure(violation)])


def too_large(size_bytes: int) -> ApiError:
    """FAILED_PRECONDITION for a request beyond 1.5 MB: Vertex AI's code and words for it."""
    sentence = f"The request size ({size_bytes} bytes) exceeds 1.500MB limit."
    violation = error_details_pb2.PreconditionFailure.Violation(type="SIZE", subject="request", description=sentence)
    return ApiError(code_pb2.FAILED_PRECONDITION, sentence, [_failure(violation)])


def unauthenticated(*, token_given: bool) -> ApiError:
    """UNAUTHENTICATED, for no token or for another one than is asked for."""
    if token_given:
        reason, start = "ACCESS_TOKEN_TYPE_UNSUPPORTED", "Request had invalid authentication credentials."
    else:
        reason, start = "CREDENTIALS_MISSING", "Request is missing required authentication credential."
    detail = error_details_pb2.ErrorInfo(reason=reason, domain="googleapis.com", metadata={"service": _SERVICE})
    return ApiError(code_pb2.UNAUTHENTICATED, f"{start} {_EXPECTED}", [detail])


def _failure(violation: Message) -> Message:
    return error_details_pb2.PreconditionFailure(violations=[violation])


def _reason(reason: str, **metadata: str) -> Message:
    return error_details_pb2.ErrorInfo(reason=reason, domain=_SERVICE, metadata=metadata)
