"""Shares of all images from strata, against a reference implementation."""

import pytest

from lib.stats.intervals import wilson_interval
from lib.stats.strata import Stratum, estimate_proportion


def test_strata_are_weighted_by_their_size() -> None:
    share = estimate_proportion([Stratum(890, 30, 28, independent=30), Stratum(110, 60, 25, independent=60)])

    assert share is not None
    assert (share.value, share.interval.low, share.interval.high) == pytest.approx((0.8765, 0.7450, 0.9227), abs=5e-5)
    assert share.labeled == 90


def test_an_unlabeled_stratum_leaves_the_share_unknown() -> None:
    assert estimate_proportion([Stratum(890, 0, 0, independent=0), Stratum(110, 60, 25, independent=60)]) is None
    assert estimate_proportion([]) is None


def test_a_stratum_without_images_needs_no_label() -> None:
    share = estimate_proportion([Stratum(100, 40, 30, independent=40), Stratum(0, 0, 0, independent=0)])

    assert share is not None
    assert (share.value, share.interval) == (0.75, wilson_interval(30, 40))


def test_near_duplicates_widen_the_interval() -> None:
    alone, burst = (estimate_proportion([Stratum(100, 40, 30, independent=groups)]) for groups in (40, 8))

    assert alone is not None
    assert burst is not None
    assert alone.value == burst.value
    assert burst.interval == wilson_interval(6, 8)
