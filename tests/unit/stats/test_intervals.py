"""Confidence intervals, against statsmodels and SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, quantile_test
from statsmodels.stats.proportion import proportion_confint

from lib.stats.intervals import Interval, median_interval, ratio_interval, wilson_interval

COUNTS = st.integers(1, 5000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_wilson_interval_matches_statsmodels(counts: tuple[int, int], level: float) -> None:
    interval = wilson_interval(*counts, level)

    expected = proportion_confint(*counts, alpha=1 - level, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


@given(COUNTS)
def test_the_wilson_interval_contains_the_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    interval = wilson_interval(*counts)

    assert 0 <= interval.low <= counts[0] / counts[1] <= interval.high <= 1


def test_without_trials_the_interval_is_0_to_1() -> None:
    assert wilson_interval(0, 0) == Interval(0, 1)


@pytest.mark.parametrize("counts", [(-1, 3), (4, 3), (1, 0)])
def test_an_invalid_proportion_is_rejected(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is not a proportion"):
        wilson_interval(*counts)


@pytest.mark.parametrize("bounds", [(1.0, 0.0), (float("nan"), 1.0), (0.0, float("nan"))])
def test_an_interval_with_reversed_bounds_is_rejected(bounds: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="invalid interval from"):
        Interval(*bounds)


def test_an_interval_contains_its_bounds() -> None:
    interval = Interval(0.25, 0.5)

    assert interval.contains(0.25)
    assert interval.contains(0.5)
    assert not interval.contains(0.51)


def test_the_ratio_of_groups_matches_the_percentile_bootstrap_of_scipy() -> None:
    chance = np.random.default_rng(7)
    sizes = chance.integers(1, 6, 400)
    changes = chance.binomial(sizes, 0.3) - chance.binomial(sizes, 0.2)

    interval = ratio_interval(changes.tolist(), sizes.tolist())

    expected = bootstrap(
        (changes, sizes),
        lambda first, second, axis: first.sum(axis) / second.sum(axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20_000,
        rng=1,
    ).confidence_interval
    # Both draw: 2,000 draws leave the bounds of an interval of 0.14 uncertain by some thousandths.
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=0.008)


@pytest.mark.parametrize("count", [6, 7, 20, 301])
def test_the_interval_of_the_median_matches_the_sign_test_of_scipy(count: int) -> None:
    values = np.random.default_rng(3).lognormal(0, 1, count)

    interval = median_interval(values.tolist(), list(range(count)))

    expected = quantile_test(values, p=0.5).confidence_interval(0.95)
    assert interval == Interval(expected.low, expected.high)


def test_fewer_than_six_values_have_no_interval_of_the_median() -> None:
    # All five on one side of the median: 2 / 2^5 is 6.25%.
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0], [0, 1, 2, 3, 4]) is None
    assert median_interval([], []) is None


def test_near_duplicates_count_once_for_the_median() -> None:
    alone = median_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0, 1, 2, 3, 4, 5])
    repeated = median_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0, 6.0], [0, 1, 2, 3, 4, 5, 5, 5])

    assert repeated == alone == Interval(1.0, 6.0)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 3)), min_size=1, max_size=40), st.randoms())
def test_the_order_of_the_groups_does_not_matter(groups: list[tuple[int, int]], chance: st.DrawFn) -> None:
    shuffled = list(groups)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert ratio_interval(*zip(*groups, strict=True)) == ratio_interval(*zip(*shuffled, strict=True))


@given(st.lists(st.floats(0, 10), min_size=6, max_size=60))
def test_the_interval_of_the_median_lies_within_the_values(values: list[float]) -> None:
    interval = median_interval(values, list(range(len(values))))

    assert interval is not None
    assert min(values) <= interval.low <= interval.high <= max(values)


def test_one_group_gives_its_own_value() -> None:
    interval = ratio_interval([1], [4])

    assert (interval.low, interval.high) == (0.25, 0.25)


def test_no_values_have_no_interval() -> None:
    with pytest.raises(ValueError, match="at least one group"):
        ratio_interval([], [])
