"""Resource names of the AutoML API, such as `projects/P/locations/R/models/M`. All parsers raise ApiError."""

import re
from dataclasses import dataclass

from lib.serving.api_errors import invalid_field

REGIONS = ("us-central1", "eu", "local")
_LOCATION = re.compile(r"projects/[^/]+/locations/(?P<region>[^/]+)")


@dataclass(frozen=True, slots=True)
class AutomlName:
    """The parsed name of a resource. `location` is `projects/P/locations/R`."""

    location: str
    id: str


def parse_location(name: str, field: str) -> str:
    """Return `name` if it is `projects/P/locations/R` with a known region. The error names `field`."""
    found = _LOCATION.fullmatch(name)
    if not found:
        raise invalid_field(field, f"Expected projects/PROJECT/locations/REGION, got {name!r}.")
    if found["region"] not in REGIONS:
        raise invalid_field(field, f"This service has no region {found['region']!r}: use {', '.join(REGIONS)}.")
    return name


def parse_name(name: str, collection: str, field: str = "name") -> AutomlName:
    """Parse `projects/P/locations/R/<collection>/ID`. The error names `field`."""
    location, _, rest = name.partition(f"/{collection}/")
    if not rest or "/" in rest or not _LOCATION.fullmatch(location):
        raise invalid_field(field, f"Expected projects/PROJECT/locations/REGION/{collection}/ID, got {name!r}.")
    return AutomlName(parse_location(location, field), rest)


def parse_model_name(name: str, field: str = "name") -> AutomlName:
    """Parse the name of a model, whose ID must have AutoML's form. The error names `field`."""
    return _check_model(parse_name(name, "models", field), field)


def parse_parent_model(name: str) -> AutomlName:
    """Parse the name of a model, or of all models of a location, whose ID is `-`."""
    parts = parse_name(name, "models", "parent")
    return parts if parts.id == "-" else _check_model(parts, "parent")


def parse_evaluation_name(name: str) -> tuple[AutomlName, str]:
    """Return the model and the ID of `projects/P/locations/R/models/M/modelEvaluations/ID`."""
    model, _, evaluation_id = name.partition("/modelEvaluations/")
    if not evaluation_id or "/" in evaluation_id:
        raise invalid_field("name", f"Expected projects/P/locations/R/models/M/modelEvaluations/ID, got {name!r}.")
    return parse_model_name(model), evaluation_id


def _check_model(parts: AutomlName, field: str) -> AutomlName:
    if not parts.id[:3].isalpha() or len(parts.id) < 3:
        raise invalid_field(field, "Model ID is invalid. It should start with 3 letters.")
    return parts
