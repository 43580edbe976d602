"""Handling of errors raised during a call."""

import logging

import pytest
from google.rpc import code_pb2

from lib.serving.api_errors import ApiError, too_many_requests
from lib.serving.error_boundary import ConnectionDropped, call_within_error_boundary


def fail(error: Exception) -> None:
    raise error


def test_a_response_is_returned_unchanged() -> None:
    assert call_within_error_boundary(str.upper, "yes") == "YES"


@pytest.mark.parametrize("error", [too_many_requests(retry_after_s=1), ConnectionDropped()])
def test_an_api_error_is_returned_to_the_caller(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        call_within_error_boundary(fail, error)

    assert caught.value is error


def test_an_unexpected_error_is_logged_and_hidden_from_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(ApiError) as caught:
        call_within_error_boundary(fail, KeyError("secret"))

    assert caught.value.code == code_pb2.INTERNAL
    assert "secret" not in str(caught.value)
    assert "secret" in caplog.text
