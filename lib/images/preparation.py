"""Prepares an uploaded file: the image that every version receives, its thumbnail and its perceptual hash."""

import hashlib
import io
from dataclasses import replace

from PIL.Image import Resampling
from PIL.JpegImagePlugin import JpegImageFile

from lib.domain.images import Appearance, Image, ImageLimits, PreparedImage
from lib.errors import UnusableImage
from lib.images.decoding import Decoded, decode
from lib.images.encoding import Encoded, encode, shrink
from lib.images.file_structure import UnknownStructure
from lib.images.metadata import strip_metadata
from lib.images.metadata_jpeg import ends_in_text
from lib.images.thumbnails import make_thumbnail

LOCATION_REMOVED = "Location removed"


def prepare_image(content: bytes, name: str, limits: ImageLimits) -> PreparedImage:
    """Return the image to send for a file, once for all versions. `name` is kept unchanged.

    An upright JPEG or PNG file is sent as it is, without metadata; other files are converted to the picture as people
    see it. Raises nothing but UnusableImage, whatever the bytes are. This decodes in the current process; for
    untrusted files use ImageWorkers.
    """
    check_size(content, limits)
    return describe_prepared(*encode_sent(content, limits), name)


def encode_sent(content: bytes, limits: ImageLimits) -> tuple[Encoded, bytes]:
    """Return the file to send for this one (`content` itself if nothing changes) and its thumbnail."""
    decoded = decode(content, limits, draft=True)
    return _choose_sent(content, decoded, limits), make_thumbnail(decoded.pixels)


def describe_prepared(sent: Encoded, thumbnail: bytes, name: str) -> PreparedImage:
    """Return the image of a prepared file."""
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
    return PreparedImage(image, sent.content, thumbnail, sent.captured_at)


def check_size(content: bytes, limits: ImageLimits) -> None:
    """Raise UnusableImage for an empty file and for one that is too large."""
    if not content:
        raise UnusableImage("The file is empty. Export the image again, or choose another file.")
    if len(content) > limits.upload_bytes:
        most = f"{limits.upload_bytes / 2**20:g} MB"
        raise UnusableImage(f"The file has more than {most}. Save it smaller, then upload it again.")


def _choose_sent(content: bytes, decoded: Decoded, limits: ImageLimits) -> Encoded:
    removal = (LOCATION_REMOVED,) if decoded.has_location else ()
    if decoded.steps:
        sent = encode(decoded, limits.sent_bytes)
    elif len(content) > limits.sent_bytes:
        sent = shrink(decoded, limits.sent_bytes)
    else:
        sent = _strip(content, decoded, limits)
    return replace(sent, steps=(*sent.steps, *removal), captured_at=decoded.captured_at)


def _strip(content: bytes, decoded: Decoded, limits: ImageLimits) -> Encoded:
    """Return the file without metadata, encoded again if its structure is unknown."""
    try:
        stripped = strip_metadata(content, keep_profile=bool(decoded.profile))
        if decoded.media_type == "image/jpeg" and ends_in_text(stripped):
            raise UnknownStructure
    except UnknownStructure:
        whole = decode(content, limits)
        return encode(replace(whole, steps=("Saved again, without data after the picture",)), limits.sent_bytes)
    return Encoded(stripped, decoded.media_type, decoded.size_px)


_HASHED_PX = (64, 64)


def describe_appearance(thumbnail: bytes) -> Appearance:
    """Return what a picture looks like: a hash of its coarse structure, and its gray levels as a small square.

    The hash hardly depends on size, compression and brightness. `thumbnail` is a JPEG. Source: pHash, Zauner (2010),
    "Implementation and benchmarking of perceptual image hash functions", as ImageHash has it.
    """
    import imagehash  # noqa: PLC0415 - it brings wavelets and Fourier transforms, which most processes never need

    with JpegImageFile(io.BytesIO(thumbnail)) as picture:
        picture.draft("L", _HASHED_PX)  # decodes a JPEG at a fraction of its size
        grays = picture.convert("L").resize((Appearance.SIDE, Appearance.SIDE), Resampling.BOX)
        return Appearance(int(str(imagehash.phash(picture)), 16), grays.tobytes())
