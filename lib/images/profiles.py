"""Colors as a screen without a profile shows them: sRGB, which is what models were trained on."""

import io
import re
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from lib.images.profile_texts import LARGEST_PROFILE_BYTES, are_known_words, clean_profile

# What an ICC profile says its colors are: bytes 16 to 19. Source: ICC.1:2022, 7.2.6.
PROFILE_COLORS = {"L": b"GRAY", "RGB": b"RGB "}
_KEPT_PROFILE_BYTES = 64 << 10
_USUAL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .()-]{0,39}")
_UNUSABLE = (ImageCms.PyCMSError, OSError, ValueError)
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
    return mode == "RGB" and _fits(mode, profile) and _measure_difference(profile) > _MOST_DIFFERENCE


def choose_kept(mode: str, profile: bytes) -> bytes:
    """The profile to keep with pixels that were not converted; empty where it is of no use to them."""
    if not _fits(mode, profile) or len(profile) > _KEPT_PROFILE_BYTES:
        return b""
    is_usable = 0 <= _measure_difference(profile) <= _MOST_DIFFERENCE if mode == "RGB" else _is_usable_gray(profile)
    return clean_profile(profile) if is_usable else b""


def _fits(mode: str, profile: bytes) -> bool:
    return len(profile) <= LARGEST_PROFILE_BYTES and profile[16:20] == PROFILE_COLORS.get(mode, b"none")


@lru_cache(32)
def _measure_difference(profile: bytes) -> int:
    """The most that sRGB differs in one of 216 colors, black to white; -1 for a profile that cannot be used."""
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
