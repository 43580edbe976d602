"""Seconds to compare two versions over 10,000 labeled images, from the store to the verdict."""

import random
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.big_store import make_big_store, session_id, version
from lib.workflows.compare import ComparisonSettings, find_comparisons
from tests.builders.pairs import make_appearance

_LABELED = 10_000
_RUNS = 5


def measure_comparison() -> tuple[float, int, int]:
    """Median seconds, how many labeled images were compared, and in how many groups of look-alikes."""
    with tempfile.TemporaryDirectory() as folder:
        # Every second image of the store has a truth, and two calls in a hundred pairs failed.
        store = make_big_store(Path(folder), image_count=2 * _LABELED + 500, version_count=2)
        chance = random.Random(1)  # noqa: S311 - the same looks every time are the point
        images = store.images.find(session_id(0), limit=3 * _LABELED)
        # A tenth of the images look like the one before: then the interval is drawn by group.
        appearances = [chance.getrandbits(64) for _ in images]
        appearances = [appearances[place - 1] if place % 10 == 1 else look for place, look in enumerate(appearances)]
        store.images.add_appearances(
            {image.sha256: make_appearance(look, look) for image, look in zip(images, appearances, strict=True)}
        )
        versions = {"v1": version(0), "v2": version(1)}
        taken = []
        for _ in range(_RUNS):
            start = time.perf_counter()
            (comparison,) = find_comparisons(store, versions, ComparisonSettings(session_id(0)))
            taken.append(time.perf_counter() - start)
        store.close()
    return statistics.median(taken), comparison.result.labeled, len(comparison.result.prefix.groups)
