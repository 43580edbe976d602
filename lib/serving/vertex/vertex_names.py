"""Resource names of Vertex AI, such as `projects/P/locations/R/models/M@2`, and ids that stay from start to start."""

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
