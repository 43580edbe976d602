"""JSON and query strings as protobuf requests, and responses as JSON, after google.api.http."""

import json
from collections.abc import Mapping
from typing import Any

from google.longrunning import operations_pb2
from google.protobuf import json_format
from google.protobuf.message import Message

from lib.serving.api_errors import data_url, invalid_field, is_data_url
from lib.serving.automl.http_rules import Route
from lib.serving.models.json_files import read_json_object

# Parameters of every Google API, which are no fields of a request.
_SYSTEM_PARAMETERS = {"access_token", "alt", "fields", "key", "prettyPrint", "quotaUser", "uploadType"}
_V1 = "type.googleapis.com/google.cloud.automl.v1."


def read_request(request_type: Any, route: Route, query: Mapping[str, str], body: bytes) -> Any:
    """The request that a REST call stands for. Raises Refused for what is not JSON, or not of the method."""
    fields = read_json(body) if route.rule.body else query_fields(query)
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
    """The response as JSON: int64 as strings, fields in camelCase, enums by name unless asked for by number."""
    return json.dumps(_to_json(response, enums_as_numbers=_wants_numbers(query)), indent=2, ensure_ascii=False)


def check_format(query: Mapping[str, str]) -> None:
    """Raise Refused unless the call asks for JSON, as `alt` or `$alt` may say."""
    for name in ("alt", "$alt"):
        if query.get(name, "json").partition(";")[0] != "json":
            raise invalid_field(name, f"Answers are JSON only: leave {name} out, or send {name}=json.")


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds; an empty body is an empty object. Raises Refused."""
    try:
        return read_json_object(body or b"{}")
    except ValueError as error:
        raise invalid_field("body", f"Invalid JSON payload received. {error}") from error


def query_fields(query: Mapping[str, str]) -> dict[str, Any]:
    """What a query says to the method, without the parameters that every API of Google has."""
    return {name: value for name, value in query.items() if name not in _SYSTEM_PARAMETERS and not name.startswith("$")}


def _with_text_params(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, with numbers among the parameters as the text that the API has for them. Raises Refused."""
    params = fields.get("params")
    if not isinstance(params, dict):
        return fields
    return fields | {"params": {name: _as_text(name, value) for name, value in params.items()}}


def _as_text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise invalid_field(f"params.{name:.60}", f"{name:.60} must be a number or text, got {json.dumps(value):.40}.")


def _check_image(fields: dict[str, Any]) -> None:
    """Raise Refused for an image that is a data: URL: read as base64, it would give bytes of no kind."""
    payload = fields.get("payload")
    image = payload.get("image") if isinstance(payload, dict) else None
    given = (image.get(name) for name in ("imageBytes", "image_bytes")) if isinstance(image, dict) else ()
    if any(isinstance(each, str) and is_data_url(each) for each in given):
        raise data_url("payload.image.image_bytes")


def _wants_numbers(query: Mapping[str, str]) -> bool:
    return any("enum-encoding=int" in query.get(name, "").split(";") for name in ("alt", "$alt"))


def _to_json(message: Message, *, enums_as_numbers: bool) -> dict[str, Any]:
    if isinstance(message, operations_pb2.Operation):
        return _operation_json(message, enums_as_numbers)
    if isinstance(message, operations_pb2.ListOperationsResponse):
        listed = {"operations": [_operation_json(each, enums_as_numbers) for each in message.operations]}
        token = {"nextPageToken": message.next_page_token}
        return {name: value for name, value in (listed | token).items() if value}
    return _plain_json(message, enums_as_numbers)


def _operation_json(operation: Any, enums_as_numbers: bool) -> dict[str, Any]:
    """An operation as JSON; metadata that v1beta1 calls its own is written as the v1 message it is."""
    told_as = operation.metadata.type_url
    known = type(operation)()
    known.CopyFrom(operation)
    known.metadata.type_url = _V1 + told_as.rpartition(".")[2]
    written = _plain_json(known, enums_as_numbers)
    written["metadata"]["@type"] = told_as
    return written


def _plain_json(message: Message, enums_as_numbers: bool) -> dict[str, Any]:
    written: dict[str, Any] = json_format.MessageToDict(message, use_integers_for_enums=enums_as_numbers)
    return written
