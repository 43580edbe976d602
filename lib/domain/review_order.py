"""The random order in which everybody reviews a session's images, drawn once.

The verdict counts only the beginning of this order without a gap. So it need not be known who labeled an image, when or
why: whoever labels an image that comes later has to wait until the order reaches it.
"""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The place of an image in the review order of its session.

    `batch` counts from 0: images that are added after a review has begun go behind it. `draw` is the image's lot.
    """

    batch: int
    draw: str


def draw_place(seed: str, batch: int, image_sha256: str) -> Place:
    """Draw the place of an image: equal for equal arguments, and random among the images of a batch."""
    lot = sha256(f"{seed}:{batch}:{image_sha256}".encode()).hexdigest()
    return Place(batch, f"{lot}:{image_sha256}")
