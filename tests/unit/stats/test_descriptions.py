"""Comparisons in sentences."""

import pytest

from lib.stats.comparison import compare, compare_many
from lib.stats.descriptions import (
    describe_near_duplicates,
    describe_recommended_threshold,
    describe_unlabeled,
    describe_verdict,
    format_accuracy,
    format_p_value,
    format_share,
)
from lib.stats.intervals import Interval, wilson_interval
from lib.stats.thresholds import ThresholdPoint
from tests.builders.pairs import make_pair, make_pairs, make_prediction_summary


def test_a_verdict_has_its_numbers_and_how_many_more_images_would_settle_it() -> None:
    # 6 of 120 are 5 points; p and interval: tests/unit/stats/test_paired_tests.py checks both functions.
    text = describe_verdict(compare(make_pairs(both_right=108, fixes=9, regressions=3)), "v1", "v2")

    assert text == (
        "v2 fixes 9 images and breaks 3 of 120 with ground truth: accuracy +5.0 points (95% confidence interval -0.9"
        " to +11.4), exact McNemar p = 0.15. Not enough evidence yet: about 50 more labeled images would settle a"
        " difference of this size."
    )


@pytest.mark.parametrize(
    ("outcomes", "conclusion"),
    [
        ({"fixes": 20, "regressions": 3, "both_right": 97}, "v2 is better than v1."),
        ({"fixes": 3, "regressions": 20, "both_right": 97}, "v2 is worse than v1."),
        ({"both_right": 10}, "This does not prove that there is none;"),
        ({}, "No ground truth yet."),
    ],
)
def test_each_verdict_has_its_conclusion(outcomes: dict[str, int], conclusion: str) -> None:
    assert conclusion in describe_verdict(compare(make_pairs(**outcomes)), "v1", "v2")


def test_a_margin_is_in_points() -> None:
    met = compare(make_pairs(both_right=600, fixes=3, regressions=3), margin=0.02)
    not_met = compare(make_pairs(both_right=60, fixes=3, regressions=4), margin=0.01)

    assert "v2 is no worse than v1 by more than 2 points." in describe_verdict(met, "v1", "v2")
    assert "not even that it is no worse than v1 by more than 1 point" in describe_verdict(not_met, "v1", "v2")


def test_one_image_is_singular() -> None:
    assert "v2 fixes 1 image and breaks 0 of 1 with" in describe_verdict(compare(make_pairs(fixes=1)), "v1", "v2")


def test_a_corrected_p_value_is_marked() -> None:
    pairs = make_pairs(both_right=100, fixes=9, regressions=3)
    found = compare_many({"v2": pairs, "v3": make_pairs(both_right=100, fixes=2, regressions=2)})

    assert "corrected by Holm, p = 0.29" in describe_verdict(found["v2"], "v1", "v2")


def test_near_duplicates_are_mentioned_only_if_there_are_some() -> None:
    alike = compare(
        [
            make_pair(perceptual_hash=1),
            make_pair(perceptual_hash=1),
            make_pair(perceptual_hash=2**63 + 2**40 + 2**20 + 2**10 + 2**5),
        ]
    )

    assert str(describe_near_duplicates(alike)).startswith("3 images. Near-duplicates are grouped: 2 groups.")
    assert describe_near_duplicates(compare([make_pair(), make_pair()])) is None


def test_images_without_a_label_are_mentioned_only_if_there_are_some() -> None:
    unsure = compare([make_pair(make_prediction_summary(score=0.3), make_prediction_summary(score=0.9))], threshold=0.5)

    text = describe_unlabeled(unsure, "v1", "v2")

    assert text == "No label scores 0.50 or more for 1 image with v1 and 0 with v2. These count as wrong."
    assert describe_unlabeled(compare([make_pair()]), "v1", "v2") is None


def test_an_accuracy_has_its_basis_and_interval() -> None:
    # Wilson's interval of 104 of 120 is 0.795 to 0.916.
    assert format_accuracy(104, 120) == "104 of 120 (86.7%, 95% CI 79 to 92)"
    assert format_accuracy(0, 0) == "0 of 0 (0.0%, 95% CI 0 to 100)"


def test_a_recommended_threshold_has_coverage_and_precision() -> None:
    point = ThresholdPoint(0.87, 0.71, 0.989, Interval(0.971, 0.996), 0.7)

    assert (
        describe_recommended_threshold(point)
        == "accept labels from 0.87: 71% of images, precision 98.9% (97.1 to 99.6)"
    )


@pytest.mark.parametrize(
    ("p", "text"), [(0.146, "p = 0.15"), (0.0012, "p = 0.001"), (0.0004, "p < 0.001"), (1.0, "p = 1.00")]
)
def test_a_p_value_has_its_significant_digits(p: float, text: str) -> None:
    assert format_p_value(p) == text


@pytest.mark.parametrize(("share", "text"), [(0, "0%"), (0.001, "1%"), (0.834, "83%"), (0.999, "99%"), (1, "100%")])
def test_only_the_whole_is_a_hundred_percent(share: float, text: str) -> None:
    assert format_share(share) == text


def test_the_interval_in_the_sentence_is_wilsons() -> None:
    interval = wilson_interval(104, 120)

    assert (round(interval.low * 100), round(interval.high * 100)) == (79, 92)
