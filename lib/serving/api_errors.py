"""Answers that are errors: a code, a sentence, and the details that Google's clients read from them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

_DOMAIN = "automl.googleapis.com"


class ApiError(Exception):
    """A call that ends in an error on purpose. `code` is a number of google.rpc.Code, `details` are messages."""

    def __init__(self, code: int, sentence: str, details: Sequence[Any] = ()) -> None:
        super().__init__(sentence)
        self.code = code
        self.details = details

    @property
    def status(self) -> Any:
        """The refusal as a google.rpc.Status."""
        status = status_pb2.Status(code=self.code, message=str(self))
        for detail in self.details:
            status.details.add().Pack(detail)
        return status


def invalid_field(field: str, sentence: str) -> ApiError:
    """INVALID_ARGUMENT because of one field, such as `payload.image.image_bytes`."""
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=sentence)
    details = [error_details_pb2.BadRequest(field_violations=[violation])]
    return ApiError(code_pb2.INVALID_ARGUMENT, sentence, details)


def is_data_url(content: str | bytes) -> bool:
    """Whether an image came as `data:image/jpeg;base64,…`, as web pages have it."""
    start = content[:20] if isinstance(content, bytes) else content[:20].encode("ascii", "replace")
    return start.lstrip().lower().startswith(b"data:")


def data_url(field: str) -> ApiError:
    """INVALID_ARGUMENT for an image that came so."""
    return invalid_field(field, f"{field} is a data: URL. Send only what follows its comma.")


def not_found(kind: str, name: str) -> ApiError:
    """NOT_FOUND for a resource; `kind` is its word, such as `Model`."""
    sentence = f"{kind} not found: {name}"
    resource = error_details_pb2.ResourceInfo(
        resource_type=f"{_DOMAIN}/{kind}", resource_name=name, description=sentence
    )
    return ApiError(code_pb2.NOT_FOUND, sentence, [resource])


def not_deployed(name: str) -> ApiError:
    """FAILED_PRECONDITION because a model must be deployed before it predicts."""
    sentence = "The model is not deployed. Deploy it, then ask again."
    violation = error_details_pb2.PreconditionFailure.Violation(type="DEPLOYED", subject=name, description=sentence)
    return ApiError(
        code_pb2.FAILED_PRECONDITION, sentence, [error_details_pb2.PreconditionFailure(violations=[violation])]
    )


def changing(for_s: float) -> ApiError:
    """ABORTED because a model is being deployed or undeployed just now, for so many seconds more."""
    sentence = f"The model is being deployed or undeployed. Wait {for_s:.0f} seconds for that to end, then ask again."
    return ApiError(code_pb2.ABORTED, sentence, [_reason("OPERATION_IN_PROGRESS")])


def unimplemented(method: str) -> ApiError:
    """UNIMPLEMENTED, for a method of the API that this service does not have."""
    sentence = f"{method} is not part of the built-in prediction service: it serves exported models and trains none."
    return ApiError(code_pb2.UNIMPLEMENTED, sentence, [_reason("METHOD_NOT_IMPLEMENTED", method=method)])


def no_such_path(verb: str, path: str) -> ApiError:
    """NOT_FOUND for a REST path that no method has."""
    return ApiError(code_pb2.NOT_FOUND, f"No method answers {verb} {path}.", [_reason("PATH_NOT_FOUND", path=path)])


def unavailable(sentence: str) -> ApiError:
    """UNAVAILABLE: this call failed, the next may not."""
    return ApiError(code_pb2.UNAVAILABLE, sentence, [_reason("TRY_AGAIN")])


def busy(retry_after_s: float) -> ApiError:
    """RESOURCE_EXHAUSTED, with the time after which a caller may come back."""
    delay = Duration()
    delay.FromTimedelta(timedelta(seconds=retry_after_s))
    sentence = "Too many requests for this model. Wait, then ask again."
    return ApiError(code_pb2.RESOURCE_EXHAUSTED, sentence, [error_details_pb2.RetryInfo(retry_delay=delay)])


def model_died() -> ApiError:
    """INTERNAL because the process that ran the model file ended in the middle of the call."""
    sentence = (
        "The model file ended the process that ran it. Ask again. If this happens again, export the model once more."
    )
    return ApiError(code_pb2.INTERNAL, sentence, [_reason("MODEL_DIED")])


def model_too_slow(within_s: float) -> ApiError:
    """DEADLINE_EXCEEDED because the model did not answer in the time that one call may take."""
    sentence = f"The model did not answer within {within_s:g} seconds. Ask again later, or serve a smaller model."
    return ApiError(code_pb2.DEADLINE_EXCEEDED, sentence, [_reason("MODEL_TOO_SLOW")])


def unusable_scores(what: str) -> ApiError:
    """INTERNAL because a model gave `what`, such as `a score of nan`, in place of scores from 0 to 1."""
    sentence = (
        f"The model gave {what}. Scores must be numbers from 0 to 1, one for each label."
        " The fault is in the model file. Export or train the model again."
    )
    return ApiError(code_pb2.INTERNAL, sentence, [_reason("UNUSABLE_SCORES")])


def model_out_of_service(why: str) -> ApiError:
    """FAILED_PRECONDITION because the model failed too often to be run again by itself."""
    sentence = f"The model is out of service: {why}. Deploy it to try it again, or upload another export."
    violation = error_details_pb2.PreconditionFailure.Violation(type="OUT_OF_SERVICE", description=sentence)
    return ApiError(
        code_pb2.FAILED_PRECONDITION, sentence, [error_details_pb2.PreconditionFailure(violations=[violation])]
    )


def internal() -> ApiError:
    """INTERNAL: a fault of ours. The log has the cause; a caller gets no view of it."""
    return ApiError(code_pb2.INTERNAL, "Internal error encountered. The service's log has the cause.")


def _reason(reason: str, **metadata: str) -> Any:
    return error_details_pb2.ErrorInfo(reason=reason, domain=_DOMAIN, metadata=metadata)
