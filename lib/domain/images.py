"""The image that every version receives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is taken in, and what a service accepts.

    `upload_bytes` and `upload_pixels` bound what a person may bring; `sent_bytes` bounds what is sent, and is the
    only reason for which an image is ever scaled down. The defaults are AutoML's (30 MB) and 50 megapixels.
    """

    upload_bytes: int = 30 << 20
    upload_pixels: int = 50_000_000
    sent_bytes: int = 30 << 20


@dataclass(frozen=True, slots=True)
class Image:
    """What is known of an image: the SHA-256 of the bytes that are sent, and what was done to get there.

    `name` is the file name it came with, as it came: show it as text only. `steps` are sentences in the order in
    which they were done, empty when the file is sent as it came.
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
    """An image with its bytes: `content` is what every version receives, `thumbnail` a small JPEG to show."""

    image: Image
    content: bytes
    thumbnail: bytes
