"""From the bytes that a person brings to the image that every version receives."""

import hashlib

from lib.domain.decoding import Decoded, decode
from lib.domain.encoding import Encoded, encode, shrink
from lib.domain.image import Image, ImageLimits, PreparedImage
from lib.domain.thumbnail import make_thumbnail
from lib.errors import UnusableImage


def prepare_image(content: bytes, name: str, limits: ImageLimits) -> PreparedImage:
    """Make the image that is sent out of a file, once for all versions; `name` is kept as it came.

    An upright JPEG or PNG file is sent byte for byte as it came; of all others, the picture as a person sees it.
    Raises UnusableImage, and nothing else, whatever the bytes are. May be called from many threads at once.
    """
    _refuse_by_size(content, limits)
    decoded = decode(content, limits)
    sent = _choose_sent(content, decoded, limits.sent_bytes)
    width, height = sent.size_px
    image = Image(
        sha256=hashlib.sha256(sent.content).hexdigest(),
        name=name,
        media_type=sent.media_type,
        width_px=width,
        height_px=height,
        size_bytes=len(sent.content),
        steps=sent.steps,
    )
    return PreparedImage(image, sent.content, make_thumbnail(decoded.pixels))


def _refuse_by_size(content: bytes, limits: ImageLimits) -> None:
    if not content:
        raise UnusableImage("The file is empty: export the image again, or choose another file.")
    if len(content) > limits.upload_bytes:
        most = f"{limits.upload_bytes / 2**20:g} MB"
        raise UnusableImage(f"The file has more than {most}: save it smaller, and upload it again.")


def _choose_sent(content: bytes, decoded: Decoded, sent_bytes: int) -> Encoded:
    if decoded.steps:
        return encode(decoded, sent_bytes)
    if len(content) > sent_bytes:
        return shrink(decoded, sent_bytes)
    return Encoded(content, decoded.media_type, decoded.size_px)
