"""Image files that say where, when, by whom and with what they were taken."""

import struct

from PIL import ExifTags, Image, PngImagePlugin

from tests.builders.image_files import make_file, make_jpeg, make_picture, make_profile

GPS = b"48.8584 2.2945 Ada"
OWNER = b"Ada Lovelace"
CAMERA = b"Leica Q3"
SECRETS = (OWNER, CAMERA, b"52.5163", OWNER.decode().encode("utf-16-be"))
"""What no file that leaves may have in it."""

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description exif:GPSLatitude="52.5163N" dc:creator="Ada Lovelace"/></rdf:RDF></x:xmpmeta>'
)


def make_gps_exif() -> Image.Exif:
    """EXIF with a position, a camera, an owner and a thumbnail's worth of maker notes."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = CAMERA.decode()
    exif[ExifTags.Base.Artist] = OWNER.decode()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = CAMERA * 20
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (52.0, 30.0, 58.7)
    gps[ExifTags.GPS.GPSLongitudeRef] = "E"
    gps[ExifTags.GPS.GPSLongitude] = (13.0, 22.0, 39.6)
    return exif


def make_segment(marker: int, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def make_telling_jpeg(picture: Image.Image | None = None) -> bytes:
    """A JPEG with metadata of every kind, in its head and behind its end."""
    content = make_jpeg(
        picture or make_picture(), exif=make_gps_exif(), xmp=XMP, comment=OWNER, icc_profile=make_profile()
    )
    segments = (
        make_segment(0xE0, b"JFXX\0\x10" + OWNER),
        make_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + XMP),
        make_segment(0xE2, b"URIC" + OWNER),
        make_segment(0xE2, b"FPXR\0" + OWNER),
        make_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(OWNER)) + OWNER),
        make_segment(0xEC, b"Ducky" + OWNER),
        make_segment(0xEF, OWNER),
    )
    # A phone's moving picture, and a second picture with metadata of its own.
    trailer = b"\0\0\0\x18ftypmp42" + OWNER + make_jpeg(exif=make_gps_exif())
    return content[:2] + content[2:20] + b"".join(segments) + content[20:] + trailer


def make_telling_png() -> bytes:
    """A PNG with metadata of every kind."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", OWNER.decode())
    texts.add_text("Camera", CAMERA.decode() * 9, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add(b"prVt", OWNER)
    texts.add(b"tIME", bytes((7, 234, 11, 23, 12, 0, 0)))
    return make_file("PNG", pnginfo=texts, exif=make_gps_exif(), icc_profile=make_profile()) + OWNER


def make_plain_jpeg() -> bytes:
    """The same picture as in `make_telling_jpeg`, with nothing but its profile."""
    return make_jpeg(icc_profile=make_profile())
