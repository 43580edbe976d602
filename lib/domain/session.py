"""A titled set of images with the predictions made on them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class Session:
    """A set of images that are looked at together. `id` is what its URL carries; `created_at` is in UTC."""

    id: str
    title: str
    created_at: datetime
    image_count: int = 0


class Arrival(Enum):
    """What an image is to a session and to all others when it comes in."""

    NEW = "nobody has it yet"
    KNOWN = "another session has it, and maybe answers"
    PRESENT = "the session itself has it already"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that could not be taken in: its name, as it came, and the sentence that says why."""

    name: str
    reason: str
