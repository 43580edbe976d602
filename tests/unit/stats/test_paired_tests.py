"""Tests of two versions on the same images, against statsmodels and published tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from lib.stats.paired_tests import (
    PairedOutcomes,
    count_outcomes,
    estimate_images_needed,
    exact_mcnemar,
    false_alarm_rate,
    holm,
    newcombe_interval,
)
from tests.builders.pairs import make_pair, make_pairs, make_prediction_summary

COUNT = st.integers(0, 400)
FLIPS = st.builds(PairedOutcomes, COUNT, COUNT, COUNT, COUNT)


def swapped(outcomes: PairedOutcomes) -> PairedOutcomes:
    return PairedOutcomes(outcomes.both_right, outcomes.regressions, outcomes.fixes, outcomes.both_wrong)


def test_images_are_counted_by_who_is_right() -> None:
    pairs = [*make_pairs(both_right=4, fixes=3, regressions=2, both_wrong=1), make_pair(true_label=None)]

    assert count_outcomes(pairs, threshold=0) == PairedOutcomes(both_right=4, fixes=3, regressions=2, both_wrong=1)


def test_no_label_at_the_threshold_is_never_right() -> None:
    pairs = [make_pair(make_prediction_summary(score=0.6), make_prediction_summary(score=0.4)), make_pair(None, None)]

    assert count_outcomes(pairs, threshold=0.5) == PairedOutcomes(both_right=0, fixes=0, regressions=1, both_wrong=1)


def test_a_version_that_predicts_no_label_is_wrong_whatever_the_threshold() -> None:
    assert count_outcomes([make_pair(None, "cat")], threshold=0) == PairedOutcomes(
        0, fixes=1, regressions=0, both_wrong=0
    )


@given(FLIPS)
def test_mcnemar_is_what_statsmodels_gives(outcomes: PairedOutcomes) -> None:
    table = [[outcomes.both_right, outcomes.regressions], [outcomes.fixes, outcomes.both_wrong]]

    assert exact_mcnemar(outcomes) == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_mcnemar_is_a_test_of_a_fair_coin(fixes: int, regressions: int) -> None:
    expected = binomtest(fixes, fixes + regressions, 0.5).pvalue if fixes + regressions else 1.0

    assert exact_mcnemar(PairedOutcomes(0, fixes, regressions, 0)) == pytest.approx(expected, rel=1e-9)


def test_newcombes_interval_is_the_published_one() -> None:
    # Airway hyper-responsiveness before and after stem cell transplantation, 21 children: Fagerland, Lydersen & Laake
    # (2014), Stat. Med. 33:2850, table VII: -0.507 to -0.026.
    interval = newcombe_interval(PairedOutcomes(both_right=1, fixes=1, regressions=7, both_wrong=12))

    assert (interval.low, interval.high) == pytest.approx((-0.507, -0.026), abs=0.0005)


@given(FLIPS)
def test_newcombes_interval_holds_the_difference_and_stays_within_minus_1_and_1(outcomes: PairedOutcomes) -> None:
    interval = newcombe_interval(outcomes)

    assert interval.contains(outcomes.difference)
    assert -1 <= interval.low <= interval.high <= 1


@given(FLIPS)
def test_with_the_versions_swapped_the_difference_and_its_interval_are_mirrored(outcomes: PairedOutcomes) -> None:
    here, there = newcombe_interval(outcomes), newcombe_interval(swapped(outcomes))

    assert swapped(outcomes).difference == -outcomes.difference
    assert (there.low, there.high) == pytest.approx((-here.high, -here.low), abs=1e-12)
    assert exact_mcnemar(swapped(outcomes)) == exact_mcnemar(outcomes)


def test_without_images_nothing_is_known() -> None:
    nothing = PairedOutcomes(0, 0, 0, 0)

    assert (newcombe_interval(nothing).low, newcombe_interval(nothing).high) == (-1, 1)
    assert (exact_mcnemar(nothing), nothing.difference, estimate_images_needed(nothing)) == (1.0, 0.0, None)


def test_so_many_more_images_at_the_same_rates_are_just_enough() -> None:
    outcomes = PairedOutcomes(both_right=98, fixes=9, regressions=3, both_wrong=10)

    needed = estimate_images_needed(outcomes)

    # With 47 more, 167 in all: 13 fixes (9 x 167 / 120 = 12.5) and 4 regressions; the binomial test gives 0.049.
    # With 46 more: 12 and 4, and 0.077.
    assert needed == 47
    assert binomtest(4, 17, 0.5).pvalue < 0.05 < binomtest(4, 16, 0.5).pvalue


@pytest.mark.parametrize(
    "outcomes", [PairedOutcomes(100, 3, 3, 10), PairedOutcomes(100, 30, 3, 10), PairedOutcomes(100, 0, 0, 10)]
)
def test_no_number_of_images_is_given_if_none_would_settle_it_or_it_is_settled(outcomes: PairedOutcomes) -> None:
    assert estimate_images_needed(outcomes) is None


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(P_VALUES)
def test_holm_is_what_statsmodels_gives(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


@given(P_VALUES)
def test_a_corrected_p_value_is_never_smaller(p_values: list[float]) -> None:
    assert all(adjusted >= p for adjusted, p in zip(holm(p_values), p_values, strict=True))


def test_a_single_p_value_stays() -> None:
    assert holm([0.04]) == [0.04]


def test_no_p_values_give_none() -> None:
    assert holm([]) == []


# Armitage, McPherson & Rowe (1969), table 2.
@pytest.mark.parametrize(("analyses", "chance"), [(1, 0.05), (2, 0.083), (5, 0.142), (10, 0.193), (50, 0.32)])
def test_the_chance_of_a_false_alarm_is_the_published_one(analyses: int, chance: float) -> None:
    assert false_alarm_rate(analyses) == pytest.approx(chance)


def test_between_the_published_numbers_it_is_read_off_a_line_and_beyond_them_it_stays() -> None:
    assert 0.142 < false_alarm_rate(7) < 0.193
    assert false_alarm_rate(1000) == pytest.approx(0.32)
