"""The image that every version receives."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

_HASH_BYTES = 8


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Limits of uploaded images and of images sent to a provider.

    `upload_bytes` and `upload_pixels` limit uploads; `sent_bytes` limits what is sent, and is the only reason to scale
    an image down. The defaults are AutoML's (30 MB) and 50 megapixels.
    """

    upload_bytes: int = 30 << 20
    upload_pixels: int = 50_000_000
    sent_bytes: int = 30 << 20


@dataclass(frozen=True, slots=True)
class Image:
    """An image, identified by the SHA-256 of the bytes that are sent, and how they were prepared.

    `name` is the file name as uploaded: show it as text only. `steps` are sentences in the order of the changes, empty
    if the file is sent unchanged.
    """

    sha256: str
    name: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image with its bytes: `content` is sent to every version, `thumbnail` is a small image to display.

    `captured_at` is when the picture was taken, as its camera's clock showed, taken as UTC; None if it is not known.
    """

    image: Image
    content: bytes
    thumbnail: bytes
    captured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Appearance:
    """What an image looks like, coarsely, to find near-duplicates.

    `perceptual_hash` has 64 bits; `grays` are the gray levels of the picture, shrunk to a square of SIDE pixels, row by
    row, a byte each.
    """

    SIDE: ClassVar[int] = 24

    perceptual_hash: int
    grays: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.perceptual_hash < 1 << 64 or len(self.grays) != self.SIDE**2:
            raise ValueError(f"an appearance has a hash of 64 bits and {self.SIDE**2} gray levels")

    def to_bytes(self) -> bytes:
        """Return hash and gray levels as 584 bytes."""
        return self.perceptual_hash.to_bytes(_HASH_BYTES) + self.grays

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `to_bytes` returns. Raises ValueError for anything else."""
        return cls(int.from_bytes(stored[:_HASH_BYTES]), stored[_HASH_BYTES:])
