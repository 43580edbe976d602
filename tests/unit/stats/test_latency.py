"""Latencies against NumPy and by hand."""

import numpy as np
import pytest

from lib.stats.latency import compare_latency
from tests.builders.pairs import make_pair, make_prediction_summary


def test_the_median_and_95th_percentile_match_numpy() -> None:
    taken = np.random.default_rng(2).lognormal(-3, 0.5, 99)
    pairs = [
        make_pair(make_prediction_summary(latency_s=float(value)), make_prediction_summary(latency_s=float(value) * 2))
        for value in taken
    ]

    found = compare_latency(pairs, range(99))

    assert found is not None
    assert (found.baseline.median_s, found.baseline.p95_s) == pytest.approx(
        (np.median(taken), np.percentile(taken, 95))
    )
    assert found.candidate.median_s == pytest.approx(2 * np.median(taken))


def test_a_version_slower_on_every_image_is_significantly_slower() -> None:
    pairs = [
        make_pair(make_prediction_summary(latency_s=0.1 * place), make_prediction_summary(latency_s=0.1 * place + 0.01))
        for place in range(50)
    ]

    found = compare_latency(pairs, range(50))

    assert found is not None
    assert found.difference_s == pytest.approx(0.01)
    assert found.interval_s is not None
    assert found.interval_s.low == pytest.approx(0.01)


def test_one_slower_image_is_not_significant() -> None:
    pair = make_pair(make_prediction_summary(latency_s=0.1), make_prediction_summary(latency_s=0.101))

    found = compare_latency([pair], [0])

    assert found is not None
    assert found.interval_s is None


def test_no_images_have_no_latency() -> None:
    assert compare_latency([], []) is None
