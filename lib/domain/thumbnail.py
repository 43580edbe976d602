"""The small picture that cards and tables show."""

import io

from PIL import Image

THUMBNAIL_SIZE_PX = (480, 360)
LARGEST_ENLARGEMENT = 8


def make_thumbnail(pixels: Image.Image) -> bytes:
    """A WebP of 480 × 360 px: the whole picture in the middle, all around it transparent, so that cards align.

    A tiny picture is enlarged 8 times at most.
    """
    small = pixels.resize(_contained(pixels.size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    stream = io.BytesIO()
    # The fastest method: a photograph in 4 ms instead of 15, for a quarter more bytes.
    _centred(small).save(stream, "WEBP", quality=75, method=0)
    return stream.getvalue()


def _contained(size_px: tuple[int, int]) -> tuple[int, int]:
    scale = min(LARGEST_ENLARGEMENT, *(most / own for most, own in zip(THUMBNAIL_SIZE_PX, size_px, strict=True)))
    width, height = (max(1, round(own * scale)) for own in size_px)
    return width, height


def _centred(small: Image.Image) -> Image.Image:
    if small.size == THUMBNAIL_SIZE_PX:
        return small
    canvas = Image.new("RGBA", THUMBNAIL_SIZE_PX)
    left, top = ((most - own) // 2 for most, own in zip(THUMBNAIL_SIZE_PX, small.size, strict=True))
    canvas.paste(small, (left, top))
    return canvas
