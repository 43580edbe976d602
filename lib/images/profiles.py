"""Converts colors to sRGB, on which models were trained."""

import io
import re
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from lib.images.profile_texts import LARGEST_PROFILE_BYTES, are_known_words, clean_profile

# The color space of an ICC profile, bytes 16 to 19. Source: ICC.1:2022, 7.2.6.
PROFILE_COLORS = {"L": b"GRAY", "RGB": b"RGB "}
_KEPT_PROFILE_BYTES = 64 << 10
_USUAL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .()-]{0,39}")
_UNUSABLE = (ImageCms.PyCMSError, OSError, ValueError)
# Profiles of sRGB differ by rounding; those of other colors by dozens.
_MOST_DIFFERENCE = 4
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC


def convert_to_srgb(pixels: Image.Image, profile: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """Return pixels in mode L or RGB converted from `profile` to sRGB, and the steps as text for people.

    A profile that is invalid, for another mode or already sRGB changes nothing.
    """
    if not is_wide(pixels.mode, profile):
        return pixels, ()
    converted = pixels.copy()
    ImageCms.applyTransform(converted, _make_transform(profile), inPlace=True)
    return converted, (f"Converted from {_find_name(profile)} to sRGB",)


def is_wide(mode: str, profile: bytes) -> bool:
    """Report whether pixels of this mode look different without their profile."""
    return mode == "RGB" and _fits(mode, profile) and _measure_difference(profile) > _MOST_DIFFERENCE


def choose_profile(mode: str, profile: bytes) -> bytes:
    """Return the profile to keep with pixels that were not converted; empty if it is useless."""
    if not _fits(mode, profile) or len(profile) > _KEPT_PROFILE_BYTES:
        return b""
    is_usable = 0 <= _measure_difference(profile) <= _MOST_DIFFERENCE if mode == "RGB" else _is_usable_gray(profile)
    return clean_profile(profile) if is_usable else b""


def _fits(mode: str, profile: bytes) -> bool:
    return len(profile) <= LARGEST_PROFILE_BYTES and profile[16:20] == PROFILE_COLORS.get(mode, b"none")


@lru_cache(32)
def _measure_difference(profile: bytes) -> int:
    """Return the largest difference from sRGB in 216 colors, 0 to 255; -1 for an invalid profile."""
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    pixels = Image.fromarray(colors)
    try:
        ImageCms.applyTransform(pixels, _make_transform(profile), inPlace=True)
    except _UNUSABLE:
        return -1
    return int(np.abs(np.asarray(pixels).astype(int) - colors).max())


@lru_cache(32)
def _is_usable_gray(profile: bytes) -> bool:
    try:
        _make_transform(profile, "L")
    except _UNUSABLE:
        return False
    return True


def _make_transform(profile: bytes, mode: str = "RGB") -> ImageCms.ImageCmsTransform:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", _INTENT)


def _find_name(profile: bytes) -> str:
    """What the profile calls its colors; plain words where that says more than colors."""
    try:
        text = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except ImageCms.PyCMSError:
        text = ""
    # It is a stranger's text, and may be the name of somebody's monitor.
    return text if _USUAL_NAME.fullmatch(text) and are_known_words(text) else "another color profile"
