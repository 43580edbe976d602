"""The image that every version receives."""

from dataclasses import dataclass
from typing import Self

_HASH_DIGITS = 16
_BLOCKS = 64


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
    """An image with its bytes: `content` is sent to every version, `thumbnail` is a small image to display."""

    image: Image
    content: bytes
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class Appearance:
    """What an image looks like, coarsely, to find near-duplicates.

    `perceptual_hash` has 64 bits; `grays` are the mean gray levels of 8 × 8 blocks, row by row, a byte each.
    """

    perceptual_hash: int
    grays: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.perceptual_hash < 1 << 64 or len(self.grays) != _BLOCKS:
            raise ValueError("an appearance has a hash of 64 bits and 64 gray levels")

    def to_hex(self) -> str:
        """Return hash and gray levels as 144 hexadecimal digits."""
        return f"{self.perceptual_hash:016x}{self.grays.hex()}"

    @classmethod
    def from_hex(cls, digits: str) -> Self:
        """Read what `to_hex` returns. Raises ValueError for anything else."""
        return cls(int(digits[:_HASH_DIGITS], 16), bytes.fromhex(digits[_HASH_DIGITS:]))
