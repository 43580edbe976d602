"""Tests of two versions on the same images, against statsmodels, SciPy and the published formulas."""

from fractions import Fraction
from math import comb, exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, multinomial
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from lib.stats.paired_tests import (
    can_still_settle,
    early_p_value,
    exact_mcnemar,
    holm,
    log_e_value,
    no_worse_p_value,
)

COUNT = st.integers(0, 400)


@given(COUNT, COUNT, COUNT)
def test_the_mcnemar_p_value_matches_statsmodels(fixes: int, regressions: int, both_right: int) -> None:
    table = [[both_right, regressions], [fixes, 7]]

    assert exact_mcnemar(fixes, regressions) == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)


@pytest.mark.parametrize("limit", [0.517, 0.026])
def test_no_worse_is_the_score_test_of_tango(limit: float) -> None:
    # Fagerland, Lydersen & Laake (2014), Stat. Med. 33:2850, airway data: of 21 pairs, 1 and 7 differ. Tango's 95%
    # interval of the difference is -0.517 to -0.026: there, the one-sided p-values are 2.5%.
    p = no_worse_p_value(21, 1, 7, limit)

    assert min(p, 1 - p) == pytest.approx(0.025, abs=2e-4)


def test_without_a_margin_no_worse_is_mcnemars_test() -> None:
    table = [[0, 13], [10, 977]]
    expected = mcnemar(table, exact=False, correction=False).pvalue

    assert 2 * (1 - no_worse_p_value(1_000, 10, 13, margin=1e-12)) == pytest.approx(expected)


def test_a_margin_of_everything_is_missed_only_by_a_regression_on_every_image() -> None:
    assert no_worse_p_value(4, 0, 3, margin=1.0) == 0.0
    assert no_worse_p_value(4, 0, 4, margin=1.0) == 1.0
    assert no_worse_p_value(0, 0, 0, margin=1.0) == 1.0


@pytest.mark.parametrize("images", [300, 1_000])
def test_a_candidate_that_is_worse_by_the_margin_passes_as_no_worse_as_rarely_as_promised(images: int) -> None:
    # 0.6% of the images are fixed and 2.6% broken: 2 points. The level is that of one of five candidates.
    counts = np.array([(fixes, regressions) for fixes in range(30) for regressions in range(70)])
    chances = multinomial.pmf(
        np.column_stack([counts, images - counts.sum(axis=1)]), images, [0.006, 0.026, 1 - 0.006 - 0.026]
    )
    passes = [no_worse_p_value(images, int(fixes), int(broken), 0.02) <= 0.004 for fixes, broken in counts]

    assert np.sum(chances[passes]) <= 0.004


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_the_mcnemar_test_is_an_exact_binomial_test(fixes: int, regressions: int) -> None:
    expected = binomtest(fixes, fixes + regressions, 0.5).pvalue if fixes + regressions else 1.0

    assert exact_mcnemar(fixes, regressions) == pytest.approx(expected, rel=1e-9)


def test_vectorized_mcnemar_p_values_match_those_of_each_count() -> None:
    # A reference implementation gives 0.0225 and 0.0041.
    assert exact_mcnemar(np.array([45, 20]), np.array([25, 5])) == pytest.approx([0.0225, 0.0041], abs=5e-5)


@pytest.mark.parametrize(
    ("fixes", "regressions", "e_value"), [(10, 0, 93.0909), (20, 5, 24.2905), (40, 18, 10.8568), (0, 0, 1.0)]
)
def test_the_e_value_matches_the_reference(fixes: int, regressions: int, e_value: float) -> None:
    assert exp(log_e_value(fixes, regressions)) == pytest.approx(e_value, abs=5e-5)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_e_value_is_a_likelihood_ratio(fixes: int, regressions: int) -> None:
    flips = fixes + regressions
    expected = Fraction(2**flips, (flips + 1) * comb(flips, fixes))

    assert exp(log_e_value(fixes, regressions)) == pytest.approx(float(expected), rel=1e-9)


def test_if_neither_version_is_better_the_e_value_is_1_on_average() -> None:
    flips = 30
    average = sum(comb(flips, fixes) / 2**flips * exp(log_e_value(fixes, flips - fixes)) for fixes in range(flips + 1))

    assert average == pytest.approx(1)


def test_the_early_p_value_is_the_lowest_after_any_label() -> None:
    # Ten fixes, then ten regressions: E is 93.09 after the tenth label, and below 1 after the twentieth.
    fixes = np.minimum(np.arange(1, 21), 10)
    found = early_p_value(fixes, np.arange(1, 21) - fixes)

    assert found[9] == found[19] == pytest.approx(1 / 93.0909, rel=1e-5)
    assert np.all(np.diff(found) <= 0)


def test_without_flips_there_is_no_evidence() -> None:
    assert early_p_value(np.zeros(5, int), np.zeros(5, int)).tolist() == [1.0] * 5


def test_missing_labels_can_settle_a_comparison_if_an_extreme_outcome_is_significant() -> None:
    # By the binomial test, 6 of 6 gives 0.031 and 5 of 5 gives 0.063; 9 of 10 gives 0.021, 9 of 11 gives 0.065.
    assert can_still_settle(0, 0, left=6)
    assert not can_still_settle(0, 0, left=5)
    assert can_still_settle(6, 1, left=3)
    assert not can_still_settle(6, 2, left=3)


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(P_VALUES)
def test_the_holm_correction_matches_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


@given(P_VALUES)
def test_a_corrected_p_value_is_never_smaller(p_values: list[float]) -> None:
    assert all(adjusted >= p for adjusted, p in zip(holm(p_values), p_values, strict=True))


def test_a_single_p_value_is_not_corrected() -> None:
    assert holm([0.04]) == [0.04]


def test_no_p_values_give_an_empty_list() -> None:
    assert holm([]) == []
