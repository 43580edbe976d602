"""Groups of near-duplicate images: twelve photographs of a burst count as one, not as twelve."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

_BITS = 64


def group_near_duplicates(perceptual_hashes: Sequence[int | None], within: int = 4) -> list[int]:
    """Return a group number for each image, 0 for the first.

    Two images are near-duplicates if their 64-bit perceptual hashes differ in at most `within` bits; a chain of
    near-duplicates is one group. An image without a hash (None) is a group of its own.
    """
    known = [row for row, perceptual_hash in enumerate(perceptual_hashes) if perceptual_hash is not None]
    hashes = np.array([perceptual_hashes[row] for row in known], np.uint64)
    distinct, which = np.unique(hashes, return_inverse=True)
    labels = _connect(distinct, within)
    numbers: dict[int, int] = {}
    groups = [-1] * len(perceptual_hashes)
    component_by_row = dict(zip(known, labels[which].tolist() if known else [], strict=True))
    for row in range(len(perceptual_hashes)):
        component = component_by_row.get(row, -1 - row)
        groups[row] = numbers.setdefault(component, len(numbers))
    return groups


def _connect(hashes: np.ndarray, within: int) -> np.ndarray:
    """Return a component number for each of the distinct hashes."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - SciPy takes longer to load than all of a page
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    edges = [pairs for band in _split_bands(hashes, within + 1) for pairs in _find_edges_in_band(hashes, band, within)]
    first = np.concatenate([pair[0] for pair in edges]) if edges else np.array([], int)
    second = np.concatenate([pair[1] for pair in edges]) if edges else np.array([], int)
    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(len(hashes), len(hashes)))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels)


def _split_bands(hashes: np.ndarray, count: int) -> Iterator[np.ndarray]:
    """Split the hashes into bands of bits: two hashes that differ in fewer bits than there are bands share a band."""
    edges = np.linspace(0, _BITS, count + 1).astype(int)
    for start, end in pairwise(edges.tolist()):
        mask = np.uint64((1 << (end - start)) - 1)
        yield (hashes >> np.uint64(start)) & mask


def _find_edges_in_band(hashes: np.ndarray, band: np.ndarray, within: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return pairs of rows whose hashes share the band and are near-duplicates."""
    order = np.argsort(band, kind="stable")
    _, starts, sizes = np.unique(band[order], return_index=True, return_counts=True)
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield from _find_edges(hashes, order[start : start + size], within)


def _find_edges(hashes: np.ndarray, rows: np.ndarray, within: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    candidates = hashes[rows]
    for index in range(len(rows) - 1):
        rest = candidates[index + 1 :]
        near = np.flatnonzero(np.bitwise_count(rest ^ candidates[index]) <= within)
        if len(near):
            yield np.full(len(near), rows[index]), rows[index + 1 :][near]
