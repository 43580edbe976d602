"""Transcoding of the REST API: JSON and query strings to protobuf requests, responses to JSON (google.api.http)."""

import json
from collections.abc import Mapping
from typing import Any

from google.longrunning import operations_pb2
from google.protobuf import json_format
from google.protobuf.message import Message

from lib.serving.api_errors import check_is_no_data_url, invalid_field
from lib.serving.automl.http_rules import Route
from lib.serving.http_requests import read_body, read_query

_V1 = "type.googleapis.com/google.cloud.automl.v1."


def read_request(request_type: Any, route: Route, query: Mapping[str, str], body: bytes) -> Any:
    """Return the protobuf request of a REST call. Raises ApiError for invalid JSON or unknown fields."""
    fields = read_body(body) if route.rule.body else read_query(query)
    if route.rule.method.endswith("PredictionService/Predict"):
        fields = _with_text_params(fields)
        _check_image(fields)
    try:
        return json_format.ParseDict(fields | route.variables, request_type())
    except json_format.ParseError as error:
        raise invalid_field(
            "body" if route.rule.body else "query", f"Invalid JSON payload received. {error}"
        ) from error


def write_response(response: Any, query: Mapping[str, str]) -> str:
    """Return the response as JSON: int64 as strings, fields in camelCase, enums by name unless `alt` requests ints."""
    return json.dumps(_to_json(response, enums_as_ints=_wants_int_enums(query)), indent=2, ensure_ascii=False)


def _with_text_params(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with numeric parameters converted to the text that the API expects. Raises ApiError."""
    params = fields.get("params")
    if not isinstance(params, dict):
        return fields
    return fields | {"params": {name: _to_text(name, value) for name, value in params.items()}}


def _to_text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise invalid_field(f"params.{name:.60}", f"{name:.60} must be a number or text, got {json.dumps(value):.40}.")


def _check_image(fields: dict[str, Any]) -> None:
    """Raise ApiError for an image that is a data: URL, which would decode from base64 to bytes that are no image."""
    payload = fields.get("payload")
    image = payload.get("image") if isinstance(payload, dict) else None
    if not isinstance(image, dict):
        return
    for content in (image.get("imageBytes"), image.get("image_bytes")):
        if isinstance(content, str):
            check_is_no_data_url("payload.image.image_bytes", content)


def _wants_int_enums(query: Mapping[str, str]) -> bool:
    return any("enum-encoding=int" in query.get(name, "").split(";") for name in ("alt", "$alt"))


def _to_json(message: Message, *, enums_as_ints: bool) -> dict[str, Any]:
    if isinstance(message, operations_pb2.Operation):
        return _operation_to_json(message, enums_as_ints)
    if isinstance(message, operations_pb2.ListOperationsResponse):
        listed = {"operations": [_operation_to_json(operation, enums_as_ints) for operation in message.operations]}
        token = {"nextPageToken": message.next_page_token}
        return {name: value for name, value in (listed | token).items() if value}
    return _message_to_json(message, enums_as_ints)


def _operation_to_json(operation: Any, enums_as_ints: bool) -> dict[str, Any]:
    """Return an operation as JSON. Metadata with a v1beta1 type is written as the v1 message that it is."""
    original_type = operation.metadata.type_url
    known = type(operation)()
    known.CopyFrom(operation)
    known.metadata.type_url = _V1 + original_type.rpartition(".")[2]
    written = _message_to_json(known, enums_as_ints)
    written["metadata"]["@type"] = original_type
    return written


def _message_to_json(message: Message, enums_as_ints: bool) -> dict[str, Any]:
    written: dict[str, Any] = json_format.MessageToDict(message, use_integers_for_enums=enums_as_ints)
    return written
