"""Groups of near-duplicate images: twelve photographs of a burst count as one, not as twelve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import product
from operator import itemgetter

import numpy as np

from lib.domain.images import Appearance
from lib.domain.pairs import Pair

# Crops to 90% of the size differ in up to 18 bits of the hash, different photographs in 32 in the mean.
_WITHIN = 20
# Of pictures before they are aligned: different photographs are hardly correlated.
_LEAST_CORRELATION = 0.5
# Thousands of pictures from a fixed camera are all similar: aligning all would take minutes.
_MOST_ALIGNED = 8
# Blocks are compared in standard deviations of the image, once both are aligned. Four in five copies of photographs
# differ by less when cropped to 90%, moved by 3%, turned by one degree or brighter, and all that are saved again.
# Objects of a fifth of the width before the same background differ by 1.4 in the median.
_MOST_DIFFERENT_BLOCK = 0.3
# In gray levels, of 256. The hash of an image without contrast is noise.
_LEAST_CONTRAST = 4.0
_SIDE = Appearance.SIDE
_BLOCKS = 8
BURST = timedelta(seconds=10)
"""Images captured at most this long after the first of a burst belong to it."""
# Parts of a picture that may be the whole of another: sizes, and positions from one edge to the other.
_CROPS = [(1.0, 0.5, 0.5), *product((0.97, 0.93, 0.89), (0.0, 0.5, 1.0), (0.0, 0.5, 1.0))]


class Grouping(Enum):
    """How near-duplicates are found. Each value is its name on pages."""

    APPEARANCE = "By appearance"
    FOLDER = "By folder"
    TIME = "By time"
    OFF = "Off"


def group_pairs(pairs: Sequence[Pair], grouping: Grouping) -> list[int]:
    """Return a group number for each image, 0 for the first.

    Images in no folder, without a known time, or that are distinct, are groups of their own.
    """
    if grouping is Grouping.APPEARANCE:
        return group_near_duplicates([None if pair.is_distinct else pair.appearance for pair in pairs])
    if grouping is Grouping.OFF:
        return list(range(len(pairs)))
    keys = _find_folders(pairs) if grouping is Grouping.FOLDER else _find_bursts(pairs)
    numbers: dict[str, int] = {}
    return [
        numbers.setdefault(pair.sha256 if pair.is_distinct else key, len(numbers))
        for pair, key in zip(pairs, keys, strict=True)
    ]


def _find_folders(pairs: Sequence[Pair]) -> list[str]:
    return [pair.name.rpartition("/")[0] or pair.sha256 for pair in pairs]


def _find_bursts(pairs: Sequence[Pair]) -> list[str]:
    """Return the SHA-256 of the first image of each image's burst: of those captured shortly before, the first."""
    bursts: dict[str, str] = {}
    begin, first = None, ""
    for moment, sha256 in sorted((pair.captured_at, pair.sha256) for pair in pairs if pair.captured_at):
        if begin is None or moment - begin > BURST:
            begin, first = moment, sha256
        bursts[sha256] = first
    return [bursts.get(pair.sha256, pair.sha256) for pair in pairs]


def group_near_duplicates(appearances: Sequence[Appearance | None]) -> list[int]:
    """Return a group number for each image, 0 for the first.

    An image joins the group whose first image is most similar, if it looks like it: their hashes are near, and no block
    of the pictures differs much, once one of them is cropped to what the other shows. Nobody joins by way of a third
    image, so that a row of slightly different images is no group. An image without a known appearance (None), or
    without contrast, is a group of its own.
    """
    groups = _Groups(len(appearances))
    return [groups.add(appearance) for appearance in appearances]


class _Groups:
    """Groups so far, with the first image of each that has contrast."""

    def __init__(self, most: int) -> None:
        self._count = 0
        self._numbers: list[int] = []
        self._firsts: list[_Picture] = []
        self._hashes = np.zeros(most, np.uint64)
        self._grays = np.zeros((most, _SIDE**2), np.float32)

    def add(self, appearance: Appearance | None) -> int:
        picture = None if appearance is None else _Picture.of(appearance)
        if appearance is None or picture is None:
            return self._open()
        for index in self._find_candidates(appearance.perceptual_hash, picture):
            if self._firsts[index].looks_like(picture):
                return int(self._numbers[index])
        self._hashes[len(self._firsts)] = appearance.perceptual_hash
        self._grays[len(self._firsts)] = picture.grays.ravel()
        self._firsts.append(picture)
        self._numbers.append(self._count)
        return self._open()

    def _find_candidates(self, perceptual_hash: int, picture: "_Picture") -> np.ndarray:
        """Return the first images that are worth aligning, the most similar first."""
        differing = np.bitwise_count(self._hashes[: len(self._firsts)] ^ np.uint64(perceptual_hash))
        near = np.flatnonzero(differing <= _WITHIN)
        correlations = self._grays[near] @ picture.grays.ravel()
        order = np.argsort(-correlations, kind="stable")[:_MOST_ALIGNED]
        return np.asarray(near[order[correlations[order] >= _LEAST_CORRELATION]])

    def _open(self) -> int:
        self._count += 1
        return self._count - 1


@dataclass(slots=True)
class _Picture:
    """Gray levels of a picture, shape (side, side), with a mean of 0 and a norm of 1."""

    grays: np.ndarray
    _crops: np.ndarray | None = None

    @classmethod
    def of(cls, appearance: Appearance) -> "_Picture | None":
        """Return the picture; None without contrast."""
        grays = np.frombuffer(appearance.grays, np.uint8).astype(np.float32).reshape(_SIDE, _SIDE)
        return None if grays.std() < _LEAST_CONTRAST else cls(_normalize(grays))

    def looks_like(self, other: "_Picture") -> bool:
        """Report whether no block differs much between the pictures, or a part of one and the other."""
        aligned = (_align(self.crops, other.grays), _align(other.crops, self.grays))
        _, difference = max(aligned, key=itemgetter(0))
        size = _SIDE // _BLOCKS
        blocks = difference.reshape(_BLOCKS, size, _BLOCKS, size).mean((1, 3))
        # The norm of 1 is over all pixels: times the side, differences are in standard deviations.
        return bool(np.max(np.abs(blocks)) * _SIDE <= _MOST_DIFFERENT_BLOCK)

    @property
    def crops(self) -> np.ndarray:
        """The picture's parts, enlarged to the whole: shape (crops, side, side)."""
        if self._crops is None:
            self._crops = _normalize(_ROWS @ self.grays @ _COLUMNS)
        return self._crops


def _align(crops: np.ndarray, grays: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the correlation of the most similar crop with a picture, and their difference."""
    correlations = np.tensordot(crops, grays, 2)
    best = int(np.argmax(correlations))
    return float(correlations[best]), np.asarray(crops[best] - grays)


def _normalize(grays: np.ndarray) -> np.ndarray:
    centered = grays - grays.mean((-2, -1), keepdims=True)
    norm = np.sqrt(np.sum(centered**2, (-2, -1), keepdims=True))
    return np.asarray(centered / np.maximum(norm, 1e-6))


def _sample(size: float, position: float) -> np.ndarray:
    """Return the weights that enlarge a part of a row of gray levels to the whole: shape (side, side)."""
    centers = (np.arange(_SIDE) + 0.5) / _SIDE
    places = np.clip(((1 - size) * position + size * centers) * _SIDE - 0.5, 0, _SIDE - 1)
    return np.asarray(np.maximum(0, 1 - np.abs(places[:, np.newaxis] - np.arange(_SIDE))), np.float32)


_ROWS = np.stack([_sample(size, down) for size, down, _ in _CROPS])
_COLUMNS = np.stack([_sample(size, across).T for size, _, across in _CROPS])
