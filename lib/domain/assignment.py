"""Assignment of a session's images to reviewers, at random, so that not everybody has to review all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from lib.domain.review_order import Place

_ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Assignment:
    """Each image goes to `reviewers_per_image` of the `reviewers`, and every tenth to one more.

    The second opinions measure the errors of reviewers. Without reviewers everyone reviews all images.
    """

    reviewers: tuple[str, ...] = ()
    reviewers_per_image: int = 1

    def find_reviewers(self, place: Place) -> tuple[str, ...]:
        """Return the reviewers of the image at this place: always the same ones."""
        second = int(sha256(f"second word:{place.draw}".encode()).hexdigest(), 16) % _ONE_IN == 0
        drawn = sorted(self.reviewers, key=lambda name: sha256(f"{name}:{place.draw}".encode()).hexdigest())
        return tuple(drawn[: self.reviewers_per_image + second])

    def find_images(self, places: Mapping[str, Place], reviewer: str) -> set[str]:
        """Return the images that the reviewer has to review; all for somebody who is not one of `reviewers`."""
        if reviewer not in self.reviewers:
            return set(places)
        return {image for image, place in places.items() if reviewer in self.find_reviewers(place)}
