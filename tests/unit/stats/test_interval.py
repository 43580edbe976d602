"""Wilson's interval against statsmodels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from lib.stats.intervals import Interval, wilson_interval

COUNTS = st.integers(1, 5000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_is_what_statsmodels_gives(counts: tuple[int, int], level: float) -> None:
    interval = wilson_interval(*counts, level)

    expected = proportion_confint(*counts, alpha=1 - level, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


@given(COUNTS)
def test_wilson_holds_the_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    interval = wilson_interval(*counts)

    assert 0 <= interval.low <= counts[0] / counts[1] <= interval.high <= 1


def test_without_trials_anything_may_be() -> None:
    assert wilson_interval(0, 0) == Interval(0, 1)


@pytest.mark.parametrize("counts", [(-1, 3), (4, 3), (1, 0)])
def test_what_is_no_proportion_is_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is not a proportion"):
        wilson_interval(*counts)


@pytest.mark.parametrize("bounds", [(1.0, 0.0), (float("nan"), 1.0), (0.0, float("nan"))])
def test_an_interval_goes_from_low_to_high(bounds: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="invalid interval from"):
        Interval(*bounds)


def test_an_interval_holds_its_bounds() -> None:
    interval = Interval(0.25, 0.5)

    assert interval.contains(0.25)
    assert interval.contains(0.5)
    assert not interval.contains(0.51)
