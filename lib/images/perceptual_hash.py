"""What a picture looks like, as a number: pictures that look alike have numbers with few different bits."""

import io

from PIL.JpegImagePlugin import JpegImageFile

_HASHED_PX = (64, 64)


def perceptual_hash(thumbnail: bytes) -> int:
    """64 bits of a small picture: its coarse structure, whatever its size, compression and brightness.

    `thumbnail` is a JPEG. Source: pHash, Zauner (2010), "Implementation and benchmarking of perceptual image hash
    functions", as ImageHash has it.
    """
    import imagehash  # noqa: PLC0415 - it brings wavelets and Fourier transforms, which most processes never need

    with JpegImageFile(io.BytesIO(thumbnail)) as picture:
        picture.draft("L", _HASHED_PX)  # decodes a JPEG at a fraction of its size
        return int(str(imagehash.phash(picture)), 16)
