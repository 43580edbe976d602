"""Resource names of Vertex AI, such as `projects/P/locations/R/models/M@2`, and ids that stay from start to start."""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lib.serving.automl.api_errors import invalid_field
from lib.serving.automl.lists import cut_page
from lib.serving.vertex.front import Call, Json

_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+|local")
_MODEL = re.compile(
    r"(?P<location>projects/[^/]+/locations/[^/]+)/models/(?P<id>[^/@]+)(?:@(?P<version>[^/@]+))?", re.ASCII
)
# Ids are signed 64-bit numbers.
_ID_BITS = 63


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model, and one version of it by number or alias; `version` is empty for the default one."""

    id: str
    version: str = ""


def read_location(name: str) -> str:
    """`name`, which is `projects/P/locations/R`, if R may be a region. Raises Refused."""
    region = name.rpartition("/")[2]
    if not _REGION.fullmatch(region):
        sentence = "The provided location ID doesn't match the endpoint. Use a region such as us-central1, or local."
        raise invalid_field("location", sentence)
    return name


def read_model_id(text: str) -> ModelName:
    """What `123`, `123@2` or `123@golden` names."""
    model_id, _, version = text.partition("@")
    return ModelName(model_id, version)


def read_model_name(name: str, field: str) -> ModelName:
    """What `projects/P/locations/R/models/123@2` names. Raises Refused, naming `field`."""
    found = _MODEL.fullmatch(name)
    if not found:
        raise invalid_field(field, f"Expected projects/PROJECT/locations/REGION/models/ID[@VERSION], got {name!r}.")
    read_location(found["location"])
    return ModelName(found["id"], found["version"] or "")


def stable_id(text: str) -> str:
    """Decimal digits that are the same for the same text, and differ from text to text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return str(number % (1 << _ID_BITS))


def fresh_id() -> str:
    """Decimal digits that nobody else has."""
    return str(uuid.uuid4().int % (1 << _ID_BITS))


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Such as `2020-07-14T17:16:55.098953Z`; `moment` knows its zone."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_EXPRESSION = re.compile(r'\s*(?P<field>\w+)\s*(?P<equal>!?=)\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))\s*')


def list_page(call: Call, key: str, items: Sequence[Any], describe: Callable[[Any], Json]) -> Json:
    """The page of `items` that a call asks for, as the list `key` of the answer. Raises Refused."""
    page, token = cut_page(items, call.query.whole("pageSize", 0), call.query.text("pageToken"))
    answer: Json = {key: [describe(item) for item in page]} if page else {}
    return answer | {"nextPageToken": token} if token else answer


def passes_filter(text: str, fields: Mapping[str, str]) -> bool:
    """Whether an item with these fields passes `field=value` or `field!=value`; an empty filter lets all pass.

    Field names are in snake_case here, and may be in camelCase in the filter. Raises Refused for any other filter.
    """
    if not text.strip():
        return True
    found = _EXPRESSION.fullmatch(text)
    by_name = {name.replace("_", ""): value for name, value in fields.items()}
    name = found["field"].replace("_", "").lower() if found else ""
    if found is None or name not in by_name:
        usable = " or ".join(f'{field}="..."' for field in fields)
        hint = f"use {usable}, or != in place of =" if usable else "leave the filter empty"
        raise invalid_field("filter", f"The filter {text!r} is not understood: {hint}.")
    wanted = found["plain"] if found["quoted"] is None else found["quoted"]
    return (by_name[name] == wanted) == (found["equal"] == "=")
