"""API errors: a gRPC status code, a message, and the details that Google's clients read."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

_DOMAIN = "automl.googleapis.com"


class ApiError(Exception):
    """An error that the API returns to its caller.

    `code` is a number of google.rpc.Code; `details` are google.rpc error detail messages.
    """

    def __init__(self, code: int, message: str, details: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.details = details

    @property
    def status(self) -> Any:
        """The error as a google.rpc.Status."""
        status = status_pb2.Status(code=self.code, message=str(self))
        for detail in self.details:
            status.details.add().Pack(detail)
        return status


def invalid_field(field: str, message: str) -> ApiError:
    """INVALID_ARGUMENT for one field of the request, such as `payload.image.image_bytes`."""
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=message)
    details = [error_details_pb2.BadRequest(field_violations=[violation])]
    return ApiError(code_pb2.INVALID_ARGUMENT, message, details)


def check_is_no_data_url(field: str, content: str | bytes) -> None:
    """Raise INVALID_ARGUMENT for image content in the form `data:image/jpeg;base64,…`, which web pages use."""
    start = content[:20] if isinstance(content, bytes) else content[:20].encode("ascii", "replace")
    if start.lstrip().lower().startswith(b"data:"):
        raise invalid_field(field, f"{field} is a data: URL. Send only the part after the comma.")


def not_found(kind: str, name: str) -> ApiError:
    """NOT_FOUND for a resource of this kind, such as `Model`."""
    message = f"{kind} not found: {name}"
    resource = error_details_pb2.ResourceInfo(
        resource_type=f"{_DOMAIN}/{kind}", resource_name=name, description=message
    )
    return ApiError(code_pb2.NOT_FOUND, message, [resource])


def not_deployed(name: str) -> ApiError:
    """FAILED_PRECONDITION for a prediction request to a model that is not deployed."""
    message = "The model is not deployed. Deploy it, then retry."
    violation = error_details_pb2.PreconditionFailure.Violation(type="DEPLOYED", subject=name, description=message)
    return ApiError(
        code_pb2.FAILED_PRECONDITION, message, [error_details_pb2.PreconditionFailure(violations=[violation])]
    )


def deployment_in_progress(remaining_s: float) -> ApiError:
    """ABORTED while the model is being deployed or undeployed, which takes `remaining_s` more seconds."""
    message = f"The model is being deployed or undeployed. Wait {remaining_s:.0f} seconds, then retry."
    return ApiError(code_pb2.ABORTED, message, [_reason("OPERATION_IN_PROGRESS")])


def unimplemented(method: str) -> ApiError:
    """UNIMPLEMENTED for a method of Google's API that this service does not offer."""
    message = f"The built-in prediction service does not offer {method}: it serves exported models and trains none."
    return ApiError(code_pb2.UNIMPLEMENTED, message, [_reason("METHOD_NOT_IMPLEMENTED", method=method)])


def path_not_found(verb: str, path: str) -> ApiError:
    """NOT_FOUND for a REST path that belongs to no method."""
    return ApiError(code_pb2.NOT_FOUND, f"No method matches {verb} {path}.", [_reason("PATH_NOT_FOUND", path=path)])


def unavailable(message: str) -> ApiError:
    """UNAVAILABLE for a failure that a retry may resolve."""
    return ApiError(code_pb2.UNAVAILABLE, message, [_reason("TRY_AGAIN")])


def too_many_requests(retry_after_s: float) -> ApiError:
    """RESOURCE_EXHAUSTED with the delay after which the caller may retry."""
    delay = Duration()
    delay.FromTimedelta(timedelta(seconds=retry_after_s))
    message = "Too many requests for this model. Wait, then retry."
    return ApiError(code_pb2.RESOURCE_EXHAUSTED, message, [error_details_pb2.RetryInfo(retry_delay=delay)])


def model_crashed() -> ApiError:
    """INTERNAL for a worker process that ended while it ran the model file."""
    message = "The model file crashed its process. Retry the request. If it happens again, export the model again."
    return ApiError(code_pb2.INTERNAL, message, [_reason("MODEL_DIED")])


def model_timed_out(limit_s: float) -> ApiError:
    """DEADLINE_EXCEEDED for a model that did not respond within the time limit of one call."""
    message = f"The model did not respond within {limit_s:g} seconds. Retry later, or serve a smaller model."
    return ApiError(code_pb2.DEADLINE_EXCEEDED, message, [_reason("MODEL_TOO_SLOW")])


def invalid_scores(found: str) -> ApiError:
    """INTERNAL for a model that returned `found`, such as `a score of nan`, instead of scores from 0 to 1."""
    message = (
        f"The model returned {found}. Scores must be numbers from 0 to 1, one for each label."
        " The fault is in the model file. Export or train the model again."
    )
    return ApiError(code_pb2.INTERNAL, message, [_reason("UNUSABLE_SCORES")])


def model_out_of_service(reason: str) -> ApiError:
    """FAILED_PRECONDITION for a model that failed too often and is not restarted automatically."""
    message = f"The model is out of service: {reason}. Deploy it to try it again, or upload another export."
    violation = error_details_pb2.PreconditionFailure.Violation(type="OUT_OF_SERVICE", description=message)
    return ApiError(
        code_pb2.FAILED_PRECONDITION, message, [error_details_pb2.PreconditionFailure(violations=[violation])]
    )


def internal_error() -> ApiError:
    """INTERNAL for a bug in the service. Only the log states the cause."""
    return ApiError(code_pb2.INTERNAL, "Internal error encountered. See the service's log for the cause.")


def _reason(reason: str, **metadata: str) -> Any:
    return error_details_pb2.ErrorInfo(reason=reason, domain=_DOMAIN, metadata=metadata)
