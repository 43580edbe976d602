"""Groups of near-duplicate images: twelve photographs of a burst count as one, not as twelve."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

import numpy as np

from lib.domain.images import Appearance
from lib.domain.pairs import Pair

_BITS = 64
_WITHIN = 4
# Blocks are compared in standard deviations of the image. Copies of photographs differ by less: 0.32 in other
# brightness, 0.23 when moved by 1% of their size, 0.04 when blurred or compressed. Objects of a fifth of the width
# before the same background differ by 0.5 in the median.
_MOST_DIFFERENT_BLOCK = 0.35
# In gray levels, of 256. The hash of an image without contrast is noise.
_LEAST_CONTRAST = 4.0


class Grouping(Enum):
    """How near-duplicates are found. Each value is its name on pages."""

    APPEARANCE = "By appearance"
    FOLDER = "By folder"
    OFF = "Off"


def group_pairs(pairs: Sequence[Pair], grouping: Grouping) -> list[int]:
    """Return a group number for each image, 0 for the first; those in no folder are groups of their own."""
    if grouping is Grouping.APPEARANCE:
        return group_near_duplicates([None if pair.is_distinct else pair.appearance for pair in pairs])
    if grouping is Grouping.OFF:
        return list(range(len(pairs)))
    numbers: dict[str, int] = {}
    folders = (pair.name.rpartition("/")[0] or pair.sha256 for pair in pairs)
    return [numbers.setdefault(folder, len(numbers)) for folder in folders]


def group_near_duplicates(appearances: Sequence[Appearance | None]) -> list[int]:
    """Return a group number for each image, 0 for the first.

    An image joins the first group whose first image looks like it: their hashes differ in at most four bits, and no
    block of the picture differs much. Nobody joins by way of a third image, so that a row of slightly different images
    is no group. An image without a known appearance (None), or without contrast, is a group of its own.
    """
    groups = _Groups()
    return [groups.add(appearance) for appearance in appearances]


@dataclass(slots=True)
class _Groups:
    """Groups so far: the first image of each, and an index of their hashes by bands of bits.

    Two hashes that differ in fewer bits than there are bands have a band in common.
    """

    firsts: dict[int, tuple[int, np.ndarray]] = field(default_factory=dict)
    index: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    count: int = 0

    def add(self, appearance: Appearance | None) -> int:
        blocks = None if appearance is None else _normalize(appearance)
        if appearance is None or blocks is None:
            return self._open()
        bands = list(_split_bands(appearance.perceptual_hash))
        candidates = sorted({group for band in bands for group in self.index.get(band, ())})
        for group in candidates:
            perceptual_hash, first = self.firsts[group]
            is_near = (perceptual_hash ^ appearance.perceptual_hash).bit_count() <= _WITHIN
            if is_near and np.max(np.abs(first - blocks)) <= _MOST_DIFFERENT_BLOCK:
                return group
        group = self._open()
        self.firsts[group] = (appearance.perceptual_hash, blocks)
        for band in bands:
            self.index.setdefault(band, []).append(group)
        return group

    def _open(self) -> int:
        self.count += 1
        return self.count - 1


def _normalize(appearance: Appearance) -> np.ndarray | None:
    """Return the blocks with a mean of 0 and a standard deviation of 1; None without contrast."""
    grays = np.frombuffer(appearance.grays, np.uint8).astype(float)
    contrast = grays.std()
    return None if contrast < _LEAST_CONTRAST else (grays - grays.mean()) / contrast


def _split_bands(perceptual_hash: int) -> Iterator[tuple[int, int]]:
    """Return the bits of each band, with its number."""
    edges = [_BITS * band // (_WITHIN + 1) for band in range(_WITHIN + 2)]
    for number, (start, end) in enumerate(pairwise(edges)):
        yield number, perceptual_hash >> start & (1 << end - start) - 1
