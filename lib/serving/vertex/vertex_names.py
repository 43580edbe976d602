"""Resource names, IDs and timestamps of Vertex AI, such as `projects/P/locations/R/models/M@2`."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from lib.serving.api_errors import invalid_field

_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+|local")
_MODEL = re.compile(
    r"(?P<location>projects/[^/]+/locations/[^/]+)/models/(?P<id>[^/@]+)(?:@(?P<version>[^/@]+))?", re.ASCII
)
# IDs are signed 64-bit numbers.
_ID_BITS = 63


@dataclass(frozen=True, slots=True)
class VertexModelName:
    """The ID of a model, and a version number or alias; `version` is empty for the default version."""

    id: str
    version: str = ""


def check_location(name: str) -> None:
    """Raise ApiError unless R in `projects/P/locations/R` has the form of a region."""
    region = name.rpartition("/")[2]
    if not _REGION.fullmatch(region):
        message = "The provided location ID doesn't match the endpoint. Use a region such as us-central1, or local."
        raise invalid_field("location", message)


def parse_model_id(text: str) -> VertexModelName:
    """Parse `123`, `123@2` or `123@golden`."""
    model_id, _, version = text.partition("@")
    return VertexModelName(model_id, version)


def parse_vertex_model_name(name: str, field: str) -> VertexModelName:
    """Parse `projects/P/locations/R/models/123@2`. Raises ApiError that names `field`."""
    found = _MODEL.fullmatch(name)
    if not found:
        raise invalid_field(field, f"Expected projects/PROJECT/locations/REGION/models/ID[@VERSION], got {name!r}.")
    check_location(found["location"])
    return VertexModelName(found["id"], found["version"] or "")


def stable_id(text: str) -> str:
    """Return an ID in decimal digits that depends on `text` alone, and so stays the same after a restart."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return str(number % (1 << _ID_BITS))


def random_id() -> str:
    """Return a unique ID in decimal digits."""
    return str(uuid.uuid4().int % (1 << _ID_BITS))


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def format_timestamp(moment: datetime) -> str:
    """Return RFC 3339, such as `2020-07-14T17:16:55.098953Z`. `moment` must be time zone aware."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
