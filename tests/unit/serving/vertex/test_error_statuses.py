"""Every API error maps to an HTTP status."""

import json

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.http_responses import error_response
from lib.serving.vertex.vertex_errors import (
    already_exists,
    failed_precondition,
    too_large,
    unauthenticated,
    vertex_not_found,
    vertex_path_not_found,
)


@pytest.mark.parametrize(
    ("refused", "code", "detail"),
    [
        (vertex_not_found("Model", "1"), 404, "ResourceInfo"),
        (vertex_path_not_found("PUT", "/v1"), 404, "ErrorInfo"),
        (already_exists("Endpoint", "1"), 409, "ErrorInfo"),
        (failed_precondition("1", "It is not ready."), 400, "PreconditionFailure"),
        (too_large(1_857_939), 400, "PreconditionFailure"),
        (unauthenticated(token_given=False), 401, "ErrorInfo"),
        (unauthenticated(token_given=True), 401, "ErrorInfo"),
    ],
)
def test_an_error_has_the_json_format_of_google(refused: ApiError, code: int, detail: str) -> None:
    response = error_response(refused)

    error = json.loads(bytes(response.body))["error"]
    assert (response.status_code, error["code"], error["message"]) == (code, code, str(refused))
    assert error["details"][0]["@type"] == f"type.googleapis.com/google.rpc.{detail}"
