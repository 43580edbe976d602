"""Image bytes as the picture that a network takes."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from lib.serving.models.networks import Network
from lib.serving.refusals import invalid_field

MAX_IMAGE_BYTES = 30 << 20
MAX_IMAGE_PIXELS = 50_000_000
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
_FIELD = "payload.image.image_bytes"


def read_picture(content: bytes, network: Network) -> NDArray[np.uint8]:
    """The picture stretched to the network's size: raw RGB of shape (1, height, width, 3).

    No EXIF orientation is applied: AutoML leaves that to its clients. Raises Refused, naming the field, for what is
    empty, too large, not an image, or broken.
    """
    return np.asarray(_stretched(content, network), np.uint8)[np.newaxis]


def _stretched(content: bytes, network: Network) -> Image.Image:
    _check_size(content)
    with _opened(content) as image:
        if image.width * image.height > MAX_IMAGE_PIXELS:
            raise invalid_field(_FIELD, f"The image has {image.width} x {image.height} pixels; the most is 50 million.")
        try:
            image.load()
            picture = image if image.mode == "RGB" else image.convert("RGB")
        except Exception as error:  # decoders raise many kinds: OSError, SyntaxError, struct.error, ...
            raise invalid_field(_FIELD, f"The image is broken or not complete: {error}.") from error
        return picture.resize((network.width_px, network.height_px), Image.Resampling.BILINEAR)


def _check_size(content: bytes) -> None:
    if not content:
        raise invalid_field(_FIELD, "The image is empty.")
    if len(content) > MAX_IMAGE_BYTES:
        raise invalid_field(_FIELD, f"The image has {len(content)} bytes; the most is {MAX_IMAGE_BYTES} (30 MB).")


def _opened(content: bytes) -> Image.Image:
    """The image with its header read, and nothing decoded."""
    try:
        return Image.open(io.BytesIO(content), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise invalid_field(_FIELD, f"The image has too many pixels; the most is 50 million. {error}") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise invalid_field(_FIELD, f"The bytes are not an image that is read here: {', '.join(_FORMATS)}.") from error
