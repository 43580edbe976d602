"""The difference in accuracy and its intervals, against a reference implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.stats.difference import (
    GroupCounts,
    PrefixCounts,
    difference_interval,
    find_bounds,
    find_sure_bounds,
    grouped_interval,
)
from lib.stats.intervals import Interval


@st.composite
def prefixes(draw: st.DrawFn) -> PrefixCounts:
    images = draw(st.integers(1, 500))
    disagreements = draw(st.integers(0, images))
    labeled = draw(st.integers(0, disagreements))
    fixes = draw(st.integers(0, labeled))
    return PrefixCounts(images, disagreements, labeled, fixes, draw(st.integers(0, labeled - fixes)))


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((1000, 110, 60, 25, 13), -0.0004, 0.0436),
        ((1000, 110, 110, 45, 25), 0.0034, 0.0365),
        ((1000, 4, 4, 4, 0), -0.0008, 0.0088),
        ((1000, 0, 0, 0, 0), -0.0028, 0.0028),
    ],
)
def test_the_fixed_sample_interval_matches_the_reference(
    counts: tuple[int, int, int, int, int], low: float, high: float
) -> None:
    interval = difference_interval(PrefixCounts(*counts), at_every_label=False)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((1000, 110, 60, 25, 13), -0.0122, 0.0554), ((1000, 110, 10, 5, 2), -0.0611, 0.1170)],
)
def test_the_sequential_interval_matches_the_reference(
    counts: tuple[int, int, int, int, int], low: float, high: float
) -> None:
    interval = difference_interval(PrefixCounts(*counts), at_every_label=True)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)


def test_the_estimate_weighs_disagreements_by_their_share_of_all_images() -> None:
    # 12 more fixes than regressions among 60 of 110 disagreements: 22 among all 110, of 1,000 images.
    assert PrefixCounts(1000, 110, 60, 25, 13).estimate == pytest.approx(0.022)


def test_labels_that_are_missing_bound_the_difference_on_the_images_themselves() -> None:
    assert find_sure_bounds(PrefixCounts(1000, 110, 60, 25, 13)) == Interval(-0.038, 0.062)
    assert find_sure_bounds(PrefixCounts(1000, 110, 110, 45, 25)) == Interval(0.02, 0.02)


def test_without_labels_only_the_trivial_bounds_are_known() -> None:
    counts = PrefixCounts(1000, 110, 0, 0, 0)

    assert difference_interval(counts, at_every_label=True) == Interval(-0.11, 0.11)


def test_without_images_nothing_is_known() -> None:
    assert difference_interval(PrefixCounts(0, 0, 0, 0, 0), at_every_label=False) == Interval(-1.0, 1.0)


@given(prefixes(), st.booleans())
def test_the_interval_stays_within_minus_1_and_1(counts: PrefixCounts, at_every_label: bool) -> None:
    interval = difference_interval(counts, at_every_label=at_every_label)

    assert -1 <= interval.low <= interval.high <= 1


@given(prefixes())
def test_the_sequential_interval_contains_the_fixed_sample_interval(counts: PrefixCounts) -> None:
    once, always = (difference_interval(counts, at_every_label=at_every_label) for at_every_label in (False, True))

    assert always.low <= once.low
    assert once.high <= always.high


@given(prefixes(), st.booleans())
def test_swapping_the_versions_mirrors_the_interval(counts: PrefixCounts, at_every_label: bool) -> None:
    swapped = PrefixCounts(counts.images, counts.disagreements, counts.labeled, counts.regressions, counts.fixes)
    here, there = (difference_interval(each, at_every_label=at_every_label) for each in (counts, swapped))

    assert (there.low, there.high) == pytest.approx((-here.high, -here.low), abs=1e-12)


def test_vectorized_bounds_match_those_of_each_prefix() -> None:
    labeled, fixes, regressions = np.array([60, 10]), np.array([25, 5]), np.array([13, 2])
    low, high = find_bounds(PrefixCounts(1000, 110, labeled, fixes, regressions), 0.95, at_every_label=True)

    assert low == pytest.approx([-0.0122, -0.0611], abs=6e-5)
    assert high == pytest.approx([0.0554, 0.1170], abs=6e-5)


def test_groups_of_one_image_do_not_change_the_interval() -> None:
    counts = PrefixCounts(3, 2, 2, 1, 0)
    alone = [GroupCounts(1, 1, 1, 1), GroupCounts(1, 1, 1, 0), GroupCounts(1, 0, 0, 0)]

    assert grouped_interval(counts, alone, at_every_label=False) == difference_interval(counts, at_every_label=False)


def test_near_duplicates_widen_the_interval() -> None:
    # 20 fixes: of 20 different images, or of one burst and 10 others.
    counts = PrefixCounts(100, 20, 20, 20, 0)
    burst = [GroupCounts(11, 11, 11, 11), *[GroupCounts(1, 1, 1, 1)] * 9, *[GroupCounts(1, 0, 0, 0)] * 80]

    single = difference_interval(counts, at_every_label=False)
    grouped = grouped_interval(counts, burst, at_every_label=False)

    assert grouped.low < single.low
    assert grouped.high > single.high


def test_the_interval_over_groups_is_a_cluster_sample_ratio_interval() -> None:
    # Two groups of 2 images and 96 single ones; all 4 images of the groups are disagreements, fixed in one group only.
    counts = PrefixCounts(100, 4, 4, 2, 0)
    groups = [GroupCounts(2, 2, 2, 2), GroupCounts(2, 2, 2, 0), *[GroupCounts(1, 0, 0, 0)] * 96]

    grouped = grouped_interval(counts, groups, at_every_label=False)

    # d = .02; residuals 1.96, -0.04 and 96 times -0.02; variance 98 / 97 * 3.8816 / 100^2; t(.975, 1) = 12.706.
    assert grouped.low == pytest.approx(0.02 - 12.7062 * 0.00039216**0.5, abs=1e-5)
