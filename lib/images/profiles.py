"""Colours as a screen without a profile shows them: sRGB, which is what models were trained on."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from lib.images.profile_texts import LARGEST_PROFILE_BYTES, are_known_words, clean_profile

# What an ICC profile says its colours are: bytes 16 to 19. Source: ICC.1:2022, 7.2.6.
PROFILE_COLOURS = {"L": b"GRAY", "RGB": b"RGB "}
_KEPT_PROFILE_BYTES = 64 << 10
_LONGEST_NAME = 40
# Profiles of sRGB differ by rounding; those of other colors by dozens.
_MOST_DIFFERENCE = 4
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC


def convert_to_srgb(pixels: Image.Image, profile: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """The pixels, in mode L or RGB, with the colors that `profile` gives them; and what was done, in sentences.

    A profile that cannot be read, is for other pixels or is of sRGB changes nothing.
    """
    if not is_wide(pixels.mode, profile):
        return pixels, ()
    converted = pixels.copy()
    ImageCms.applyTransform(converted, _make_transform(profile), inPlace=True)
    return converted, (f"Converted from {_find_name(profile)} to sRGB",)


def is_wide(mode: str, profile: bytes) -> bool:
    """Whether pixels of this mode look different without their profile."""
    return mode == "RGB" and _fits(mode, profile) and _differs_from_srgb(profile)


def choose_kept(mode: str, profile: bytes) -> bytes:
    """The profile to keep with pixels that were not converted; empty where it is of no use to them."""
    if not _fits(mode, profile) or len(profile) > _KEPT_PROFILE_BYTES or not _is_readable(profile):
        return b""
    return clean_profile(profile)


def _fits(mode: str, profile: bytes) -> bool:
    return len(profile) <= LARGEST_PROFILE_BYTES and profile[16:20] == PROFILE_COLOURS.get(mode, b"none")


@lru_cache(32)
def _differs_from_srgb(profile: bytes) -> bool:
    """Whether any of 216 colors, black to white, is another one in sRGB; False where nobody can tell."""
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    pixels = Image.fromarray(colors)
    try:
        ImageCms.applyTransform(pixels, _make_transform(profile), inPlace=True)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return False
    return int(np.abs(np.asarray(pixels).astype(int) - colors).max()) > _MOST_DIFFERENCE


@lru_cache(32)
def _is_readable(profile: bytes) -> bool:
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return False
    return True


def _make_transform(profile: bytes) -> ImageCms.ImageCmsTransform:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB", _INTENT)


def _find_name(profile: bytes) -> str:
    """What the profile calls its colors; plain words where that says more than colors."""
    try:
        text = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except ImageCms.PyCMSError:
        text = ""
    name = " ".join("".join(mark for mark in text if mark.isprintable()).split())
    # It is a stranger's text, and may be the name of somebody's monitor.
    is_usable = name and len(name) <= _LONGEST_NAME and are_known_words(name)
    return name if is_usable else "another color profile"
