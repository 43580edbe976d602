"""Fixes and regressions: counted, tested, bounded, and how many more images would settle it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar

from lib.stats.paired_tests import Flips, count_flips, exact_mcnemar, images_needed, newcombe_interval
from tests.builders.pairs import make_answer, make_pair, make_pairs

COUNT = st.integers(0, 400)
FLIPS = st.builds(Flips, COUNT, COUNT, COUNT, COUNT)


def swapped(flips: Flips) -> Flips:
    return Flips(flips.both_right, flips.regressions, flips.fixes, flips.both_wrong)


def test_images_are_counted_by_who_is_right() -> None:
    pairs = [*make_pairs(both_right=4, fixes=3, regressions=2, both_wrong=1), make_pair(true_label=None)]

    assert count_flips(pairs, threshold=0) == Flips(both_right=4, fixes=3, regressions=2, both_wrong=1)


def test_no_label_from_the_threshold_on_is_never_right() -> None:
    pairs = [make_pair(make_answer(score=0.6), make_answer(score=0.4)), make_pair(None, None)]

    assert count_flips(pairs, threshold=0.5) == Flips(both_right=0, fixes=0, regressions=1, both_wrong=1)


def test_a_version_that_names_no_label_is_wrong_whatever_the_threshold() -> None:
    assert count_flips([make_pair(None, "cat")], threshold=0) == Flips(0, fixes=1, regressions=0, both_wrong=0)


@given(FLIPS)
def test_mcnemar_is_what_statsmodels_gives(flips: Flips) -> None:
    table = [[flips.both_right, flips.regressions], [flips.fixes, flips.both_wrong]]

    assert exact_mcnemar(flips) == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_mcnemar_is_a_test_of_a_fair_coin(fixes: int, regressions: int) -> None:
    expected = binomtest(fixes, fixes + regressions, 0.5).pvalue if fixes + regressions else 1.0

    assert exact_mcnemar(Flips(0, fixes, regressions, 0)) == pytest.approx(expected, rel=1e-9)


def test_newcombes_interval_is_the_published_one() -> None:
    # Airway hyper-responsiveness before and after stem cell transplantation, 21 children: Fagerland, Lydersen & Laake
    # (2014), Stat. Med. 33:2850, table VII: -0.507 to -0.026.
    interval = newcombe_interval(Flips(both_right=1, fixes=1, regressions=7, both_wrong=12))

    assert (interval.low, interval.high) == pytest.approx((-0.507, -0.026), abs=0.0005)


@given(FLIPS)
def test_newcombes_interval_holds_the_difference_and_stays_within_minus_1_and_1(flips: Flips) -> None:
    interval = newcombe_interval(flips)

    assert interval.holds(flips.difference)
    assert -1 <= interval.low <= interval.high <= 1


@given(FLIPS)
def test_with_the_versions_swapped_the_difference_and_its_interval_are_mirrored(flips: Flips) -> None:
    here, there = newcombe_interval(flips), newcombe_interval(swapped(flips))

    assert swapped(flips).difference == -flips.difference
    assert (there.low, there.high) == pytest.approx((-here.high, -here.low), abs=1e-12)
    assert exact_mcnemar(swapped(flips)) == exact_mcnemar(flips)


def test_without_images_nothing_is_known() -> None:
    nothing = Flips(0, 0, 0, 0)

    assert (newcombe_interval(nothing).low, newcombe_interval(nothing).high) == (-1, 1)
    assert (exact_mcnemar(nothing), nothing.difference, images_needed(nothing)) == (1.0, 0.0, None)


def test_so_many_more_images_at_the_same_rates_are_just_enough() -> None:
    flips = Flips(both_right=98, fixes=9, regressions=3, both_wrong=10)

    needed = images_needed(flips)

    # With 47 more, 167 in all: 13 fixes (9 x 167 / 120 = 12.5) and 4 regressions; the binomial test gives 0.049.
    # With 46 more: 12 and 4, and 0.077.
    assert needed == 47
    assert binomtest(4, 17, 0.5).pvalue < 0.05 < binomtest(4, 16, 0.5).pvalue


@pytest.mark.parametrize("flips", [Flips(100, 3, 3, 10), Flips(100, 30, 3, 10), Flips(100, 0, 0, 10)])
def test_no_number_of_images_is_named_where_none_would_settle_it_or_it_is_settled(flips: Flips) -> None:
    assert images_needed(flips) is None
