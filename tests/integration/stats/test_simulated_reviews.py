"""Guarantees of verdicts in simulated reviews with known ground truth; `make bench` runs more of them."""

import numpy as np
import pytest

from lib.stats.paired_tests import exact_mcnemar
from tests.stand_ins.simulated_reviews import DECIDED, NOT_WORSE, Cell, SimulatedReview, is_ever, simulate

RUNS = 200
# Of 200 reviews with the promised 5%, one in 40 times more than 8% are wrong.
AT_MOST = 0.08

CELLS = [
    Cell(100, 0.2),
    Cell(1_000, 0.05, hand_picked=True),
    Cell(1_000, 0.2, candidates=5),
    Cell(1_000, 0.2, hand_picked=True),
    Cell(1_000, 0.2, burst=5),
    Cell(1_000, 0.2, batches=5),
    Cell(3_000, 0.05, candidates=5, hand_picked=True),
]


def share_of(held: list[bool]) -> float:
    return float(np.mean(held))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_review_without_a_difference_rarely_gets_a_better_or_worse_verdict(cell: Cell) -> None:
    wrong = [is_ever(DECIDED, review) for review in simulate(cell, RUNS, seed=4)]

    assert share_of(wrong) <= AT_MOST


@pytest.mark.parametrize("cell", [CELLS[1], CELLS[3], Cell(1_000, 0.2)], ids=str)
def test_the_former_rule_finds_false_differences_far_too_often(cell: Cell) -> None:
    # McNemar's test of all labels at 5%, read after every label.
    def is_ever_significant(review: SimulatedReview) -> bool:
        flips = review.list_flips()
        return bool(np.any(exact_mcnemar(np.cumsum(flips > 0), np.cumsum(flips < 0)) < 0.05))

    wrong = [is_ever_significant(review) for review in simulate(cell, RUNS, seed=4)]

    assert share_of(wrong) > AT_MOST


@pytest.mark.parametrize(
    "cell",
    [Cell(1_000, 0.2, margin=0.02, difference=-0.02, batches=1), Cell(1_000, 0.05, 5, margin=0.02, difference=-0.02)],
    ids=str,
)
def test_a_candidate_worse_by_the_margin_rarely_gets_a_no_worse_verdict(cell: Cell) -> None:
    wrong = [is_ever(NOT_WORSE, review) for review in simulate(cell, RUNS, seed=5)]

    assert share_of(wrong) <= AT_MOST


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_final_interval_contains_the_true_difference(cell: Cell) -> None:
    covered = [review.covers_at_the_end() for review in simulate(cell, RUNS, seed=6)]

    # 95% with the noise of 200 reviews, as above.
    assert share_of(covered) >= 0.91


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.burst == 1], ids=str)
def test_the_intervals_after_every_label_contain_the_true_difference(cell: Cell) -> None:
    covered = [review.covers_at_every_label() for review in simulate(cell, RUNS, seed=6)]

    assert share_of(covered) >= 0.92


def test_a_true_difference_of_five_points_is_found() -> None:
    cell = Cell(1_000, 0.2, difference=0.05)

    found = [is_ever(DECIDED, review) for review in simulate(cell, RUNS, seed=7)]

    assert share_of(found) > 0.9
