"""Groups of images that look alike: a burst of photographs is not twelve witnesses."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

_BITS = 64


def group_near_duplicates(perceptual_hashes: Sequence[int | None], within: int = 4) -> list[int]:
    """A group number for each image, 0 for the first; images belong together where their looks do, in a chain.

    `looks` are perceptual hashes of 64 bits, alike where at most `within` bits differ. None looks like nothing else.
    """
    known = [place for place, perceptual_hash in enumerate(perceptual_hashes) if perceptual_hash is not None]
    hashes = np.array([perceptual_hashes[place] for place in known], np.uint64)
    distinct, which = np.unique(hashes, return_inverse=True)
    labels = _connect(distinct, within)
    names: dict[int, int] = {}
    groups = [-1] * len(perceptual_hashes)
    by_place = dict(zip(known, labels[which].tolist() if known else [], strict=True))
    for place in range(len(perceptual_hashes)):
        key = by_place.get(place, -1 - place)
        groups[place] = names.setdefault(key, len(names))
    return groups


def _connect(hashes: np.ndarray, within: int) -> np.ndarray:
    """A component number for each of the distinct hashes."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - SciPy takes longer to load than all of a page
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    edges = [pairs for band in _bands(hashes, within + 1) for pairs in _alike_in_band(hashes, band, within)]
    first = np.concatenate([pair[0] for pair in edges]) if edges else np.array([], int)
    second = np.concatenate([pair[1] for pair in edges]) if edges else np.array([], int)
    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(len(hashes), len(hashes)))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels)


def _bands(hashes: np.ndarray, count: int) -> Iterator[np.ndarray]:
    """The hashes cut into bands of bits: two that differ in fewer bits than there are bands share one whole band."""
    edges = np.linspace(0, _BITS, count + 1).astype(int)
    for start, end in pairwise(edges.tolist()):
        mask = np.uint64((1 << (end - start)) - 1)
        yield (hashes >> np.uint64(start)) & mask


def _alike_in_band(hashes: np.ndarray, band: np.ndarray, within: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of places whose hashes share the band and are alike."""
    order = np.argsort(band, kind="stable")
    _, starts, sizes = np.unique(band[order], return_index=True, return_counts=True)
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        places = order[start : start + size]
        yield from _alike(hashes, places, within)


def _alike(hashes: np.ndarray, places: np.ndarray, within: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    shared = hashes[places]
    for place in range(len(places) - 1):
        rest = shared[place + 1 :]
        near = np.flatnonzero(np.bitwise_count(rest ^ shared[place]) <= within)
        if len(near):
            yield np.full(len(near), places[place]), places[place + 1 :][near]
