"""API errors with the messages of Vertex AI, as far as those are known."""

from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2

from lib.serving.api_errors import ApiError

_SERVICE = "aiplatform.googleapis.com"
_EXPECTED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def vertex_not_found(kind: str, name: str) -> ApiError:
    """NOT_FOUND for a resource of this kind, such as `Model`."""
    message = f"{kind} `{name}` not found."
    resource = error_details_pb2.ResourceInfo(
        resource_type=f"{_SERVICE}/{kind}", resource_name=name, description=message
    )
    return ApiError(code_pb2.NOT_FOUND, message, [resource])


def vertex_path_not_found(verb: str, path: str) -> ApiError:
    """NOT_FOUND for a path that belongs to no method of this service."""
    message = f"No method matches {verb} {path}: the built-in service offers only Vertex AI's methods for prediction."
    return ApiError(code_pb2.NOT_FOUND, message, [_reason("PATH_NOT_FOUND", path=path)])


def already_exists(kind: str, name: str) -> ApiError:
    """ALREADY_EXISTS for a requested ID that is in use."""
    return ApiError(code_pb2.ALREADY_EXISTS, f"{kind} `{name}` already exists.", [_reason("ALREADY_EXISTS")])


def failed_precondition(subject: str, message: str) -> ApiError:
    """FAILED_PRECONDITION because of the state of `subject`."""
    violation = error_details_pb2.PreconditionFailure.Violation(type="STATE", subject=subject, description=message)
    return ApiError(code_pb2.FAILED_PRECONDITION, message, [_failure(violation)])


def too_large(size_bytes: int) -> ApiError:
    """FAILED_PRECONDITION for a request over 1.5 MB, with Vertex AI's code and message."""
    message = f"The request size ({size_bytes} bytes) exceeds 1.500MB limit."
    violation = error_details_pb2.PreconditionFailure.Violation(type="SIZE", subject="request", description=message)
    return ApiError(code_pb2.FAILED_PRECONDITION, message, [_failure(violation)])


def unauthenticated(*, token_given: bool) -> ApiError:
    """UNAUTHENTICATED for a missing or invalid token."""
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
