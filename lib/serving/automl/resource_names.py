"""Resource names of the API, such as `projects/P/locations/R/models/M`, taken apart."""

import re
from dataclasses import dataclass

from lib.serving.api_errors import invalid_field

REGIONS = ("us-central1", "eu", "local")
_LOCATION = re.compile(r"projects/[^/]+/locations/(?P<region>[^/]+)")


@dataclass(frozen=True, slots=True)
class AutomlName:
    """A resource below a project and region. `location` is `projects/P/locations/R`."""

    location: str
    id: str


def read_location(name: str, field: str) -> str:
    """`name`, if it is `projects/P/locations/R` with a region of this service. Raises Refused, naming `field`."""
    found = _LOCATION.fullmatch(name)
    if not found:
        raise invalid_field(field, f"Expected projects/PROJECT/locations/REGION, got {name!r}.")
    if found["region"] not in REGIONS:
        raise invalid_field(field, f"This service has no region {found['region']!r}: use {', '.join(REGIONS)}.")
    return name


def read_name(name: str, collection: str, field: str = "name") -> AutomlName:
    """The parts of `projects/P/locations/R/<collection>/ID`. Raises Refused, naming `field`."""
    location, _, rest = name.partition(f"/{collection}/")
    if not rest or "/" in rest or not _LOCATION.fullmatch(location):
        raise invalid_field(field, f"Expected projects/PROJECT/locations/REGION/{collection}/ID, got {name!r}.")
    return AutomlName(read_location(location, field), rest)


def read_model_name(name: str, field: str = "name") -> AutomlName:
    """The parts of a model's name, whose id must be one of AutoML. Raises Refused, naming `field`."""
    return _check_model(read_name(name, "models", field), field)


def read_parent_model(name: str) -> AutomlName:
    """The parts of a model's name, whose id may also be `-`, for all models there. Raises Refused."""
    parts = read_name(name, "models", "parent")
    return parts if parts.id == "-" else _check_model(parts, "parent")


def read_evaluation_name(name: str) -> tuple[AutomlName, str]:
    """The model of `projects/P/locations/R/models/M/modelEvaluations/ID`, and the ID. Raises Refused."""
    model, _, evaluation_id = name.partition("/modelEvaluations/")
    if not evaluation_id or "/" in evaluation_id:
        raise invalid_field("name", f"Expected projects/P/locations/R/models/M/modelEvaluations/ID, got {name!r}.")
    return read_model_name(model), evaluation_id


def _check_model(parts: AutomlName, field: str) -> AutomlName:
    if not parts.id[:3].isalpha() or len(parts.id) < 3:
        raise invalid_field(field, "Model ID is invalid. It should start with 3 letters.")
    return parts
