"""Values for tests; each builder fills in all that a test is not about."""

import hashlib
from datetime import UTC, datetime

from lib.domain.images import Image, PreparedImage
from lib.domain.people import Actor, Role
from lib.domain.predictions import Failure, ModelVersion, Prediction, Record

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
VIEWER, REVIEWER, ADMIN = (Actor(role.name.lower(), role) for role in (Role.VIEWER, Role.REVIEWER, Role.ADMIN))


def make_prepared_image(
    content: bytes = b"pixels", name: str = "cat.jpg", steps: tuple[str, ...] = ()
) -> PreparedImage:
    sha256 = hashlib.sha256(content).hexdigest()
    image = Image(sha256, name, "image/jpeg", width_px=640, height_px=480, size_bytes=len(content), steps=steps)
    return PreparedImage(image, content, thumbnail=b"small " + content)


def make_version(
    version: str = "v1", *, family: str = "birds", etag: str = "1", provider: str = "built-in", model_name: str = ""
) -> ModelVersion:
    return ModelVersion(provider, model_name or f"projects/p/locations/eu/models/ICN{version}", family, version, etag)


def make_prediction(**scores: float) -> Prediction:
    named = scores or {"cat": 0.75, "dog": 0.25}
    return Prediction(tuple(named), tuple(named.values()))


def make_record(
    sha256: str,
    *,
    session_id: str,
    version: ModelVersion | None = None,
    outcome: Prediction | Failure | None = None,
    requested_at: datetime = NOON,
) -> Record:
    return Record(sha256, version or make_version(), session_id, requested_at, 0.125, outcome or make_prediction())
