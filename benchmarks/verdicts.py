"""How often verdicts and intervals hold in reviews whose truth is known, however they are labeled and read."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from statistics import median

import numpy as np

from lib.stats.comparison import Verdict
from lib.stats.difference import PrefixCounts, difference_interval
from lib.stats.intervals import wilson_interval
from tests.stand_ins.simulated_reviews import DECIDED, NOT_WORSE, Cell, Reading, SimulatedReview, is_ever, simulate

RUNS = 2_000
_SLOW_RUNS = 100  # with bursts, each of some 200 labels is judged on its own
_MARGIN = 0.02
_FLIPS = 0.64  # of the disagreements, one of the labels is right
_DIFFERENCES = (0.02, 0.05)

CELLS = [
    *(
        Cell(images, share, candidates, hand_picked=by_hand)
        for images, share, candidates, by_hand in product((100, 1_000, 3_000), (0.05, 0.2), (1, 5), (False, True))
    ),
    Cell(1_000, 0.2, burst=5),
    Cell(1_000, 0.2, 5, hand_picked=True, burst=5),
    Cell(1_000, 0.2, batches=5),
]


@dataclass(frozen=True, slots=True)
class Row:
    """What held in a cell, as shares of its reviews: false words with their upper 95% limits, and coverages."""

    cell: Cell
    false: float
    false_limit: float
    false_no_worse: float
    false_no_worse_limit: float
    covers_at_the_end: float
    covers_at_every_label: float


def measure_verdicts(runs: int = RUNS) -> Iterator[Row]:
    """Yield a row for each cell without a true difference."""
    for seed, cell in enumerate(CELLS):
        false = sum(is_ever(DECIDED, review) for review in simulate(cell, runs, seed))
        worse = replace(cell, difference=-_MARGIN, margin=_MARGIN)
        no_worse = sum(is_ever(NOT_WORSE, review) for review in simulate(worse, runs, seed))
        at_the_end = np.mean([review.covers_at_the_end() for review in simulate(cell, runs, seed)])
        slowly = min(runs, _SLOW_RUNS) if cell.burst > 1 else runs
        at_every_label = np.mean([review.covers_at_every_label() for review in simulate(cell, slowly, seed)])
        limits = [wilson_interval(count, runs).high for count in (false, no_worse)]
        yield Row(cell, false / runs, limits[0], no_worse / runs, limits[1], float(at_the_end), float(at_every_label))


@dataclass(frozen=True, slots=True)
class Power:
    """How often the first candidate, truly better, is called better, and the median share of labels at that time."""

    cell: Cell
    better: float
    worse: float
    labels: float
    labels_needed: float


def measure_power(runs: int = RUNS // 4) -> Iterator[Power]:
    """Yield a row for each cell in review order with a true difference."""
    cells = [cell for cell in CELLS if not cell.hand_picked]
    for seed, (cell, difference) in enumerate(product(cells, _DIFFERENCES)):
        better = replace(cell, difference=difference)
        reviews = list(simulate(better, runs, seed))
        needed = [needed for review in reviews if (needed := _find_labels_needed(review)) is not None]
        worse = sum(is_ever({Verdict.WORSE}, review) for review in reviews)
        labels = median(review.labels for review in reviews)
        yield Power(better, len(needed) / runs, worse / runs, labels, median(needed) if needed else 0)


def _find_labels_needed(review: SimulatedReview) -> int | None:
    def is_better(reading: Reading) -> bool:
        return reading.verdicts[0] is Verdict.BETTER

    return next((reading.labels for reading in review.read({Verdict.BETTER}) if is_better(reading)), None)


def measure_labels_saved(images: int = 1_000, share: float = 0.1) -> float:
    """Return the labels of disagreements that an interval needs, as a share of labels at random of the same width.

    Half of the disagreements are labeled; labels at random are of images on which the versions agree, too.
    """
    disagreements = round(images * share)
    labeled = disagreements // 2
    fixes = round(labeled * _FLIPS / 2)
    wanted = _find_width(PrefixCounts(images, disagreements, labeled, fixes, fixes))
    sizes = range(10, 100 * images)
    at_random = next(size for size in sizes if _find_width(_count_at_random(size, share)) <= wanted)
    return labeled / at_random


def _count_at_random(size: int, share: float) -> PrefixCounts:
    differing = size * share
    return PrefixCounts(size, differing, differing, differing * _FLIPS / 2, differing * _FLIPS / 2)


def _find_width(counts: PrefixCounts) -> float:
    interval = difference_interval(counts, at_every_label=False)
    return interval.high - interval.low


def print_verdicts() -> None:
    """Print the tables, beside what must hold."""
    print("\n| reviews without a difference, read after every label | better or worse (limit, under 5.5%) |", end="")
    print(" no worse (limit, under 3.5%) | interval at the end (at least 93%) | at every label (at least 95%) |")
    print("|---|---|---|---|---|")
    for row in measure_verdicts():
        false = f"{row.false:.1%} ({row.false_limit:.1%})"
        no_worse = f"{row.false_no_worse:.1%} ({row.false_no_worse_limit:.1%})"
        print(f"| {row.cell} | {false} | {no_worse} | {row.covers_at_the_end:.1%} | {row.covers_at_every_label:.1%} |")
    print("\n| reviews with a true difference | points | better | worse | labels in all | labels needed |")
    print("|---|---|---|---|---|---|")
    for power in measure_power():
        points = f"{power.cell.difference * 100:+.0f}"
        print(f"| {power.cell} | {points} | {power.better:.0%} | {power.worse:.1%} |", end="")
        print(f" {power.labels:,.0f} | {power.labels_needed:,.0f} |")
    print(f"\nLabels for an interval of the same width, against labels at random: {measure_labels_saved():.2f}", end="")
    print(" (at most 0.20)")
