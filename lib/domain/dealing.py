"""Images of a session dealt out to reviewers at random, so that not everybody has to review all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from lib.domain.review_order import Place

_ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Dealing:
    """Each image goes to `words` of the `reviewers`, and every tenth to one more, whose word measures their errors.

    Without reviewers everybody reviews all images.
    """

    reviewers: tuple[str, ...] = ()
    words: int = 1

    def deal(self, place: Place) -> tuple[str, ...]:
        """Return the reviewers of the image at this place: always the same ones."""
        second = int(sha256(f"second word:{place.draw}".encode()).hexdigest(), 16) % _ONE_IN == 0
        drawn = sorted(self.reviewers, key=lambda name: sha256(f"{name}:{place.draw}".encode()).hexdigest())
        return tuple(drawn[: self.words + second])

    def find_dealt(self, places: Mapping[str, Place], reviewer: str) -> set[str]:
        """Return the images that the reviewer has to review; all for somebody whom nothing is dealt to."""
        if reviewer not in self.reviewers:
            return set(places)
        return {image for image, place in places.items() if reviewer in self.deal(place)}
