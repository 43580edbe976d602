"""Comparisons in sentences."""

import pytest

from lib.domain.pairs import Pair
from lib.stats.comparison import compare
from lib.stats.descriptions import (
    describe_accuracy,
    describe_labels,
    describe_near_duplicates,
    describe_plan,
    describe_recommended_threshold,
    describe_unlabeled,
    describe_verdict,
    describe_waiting,
    format_p_value,
    format_share,
)
from lib.stats.intervals import Interval
from lib.stats.near_duplicates import Grouping
from lib.stats.planning import make_plan
from lib.stats.strata import Proportion
from lib.stats.thresholds import ThresholdPoint
from tests.builders.pairs import make_pair, make_pairs, make_prediction_summary


def hide_labels(pairs: list[Pair], after: int) -> list[Pair]:
    """The same images, of which only the first in review order are labeled."""
    return [
        pair if place < after else make_pair(pair.baseline, pair.candidate, None, name=pair.sha256, place=place)
        for place, pair in enumerate(pairs)
    ]


def test_a_settled_verdict_has_the_difference_for_these_and_for_similar_images() -> None:
    # The interval of the reference for (1000, 110, 110, 45, 25) is 0.34 to 3.65 points.
    neither = [make_pair("dog", "owl", name=f"neither {place}", place=70 + place) for place in range(40)]
    pairs = [*make_pairs(fixes=45, regressions=25), *neither, *(make_pair(name=f"agree {n}") for n in range(890))]

    assert describe_verdict(compare(pairs), "v1", "v2") == (
        "v2 is better: at least +0.3 points. On images like these, v2 is right 2.0 points more often than v1 (95% CI"
        " +0.3 to +3.7). On these 1,000 images themselves, v2 gets 20 more right (45 fixes, 25 regressions)."
    )


def test_after_an_early_end_only_the_interval_is_given() -> None:
    text = describe_verdict(compare(hide_labels(make_pairs(fixes=40, both_right=60), 20)), "v1", "v2")

    assert text.startswith("v2 is better: at least +")
    assert "more often" not in text
    assert "On these 100 images themselves, v2 gets between 0 more and 40 more right" in text


@pytest.mark.parametrize(
    ("outcomes", "margin", "conclusion"),
    [
        ({"fixes": 3, "regressions": 20, "both_right": 97}, 0, "v2 is worse: at least "),
        ({"regressions": 9, "both_right": 1191}, 0.02, "v2 is worse, but by less than 2 points."),
        (
            {"fixes": 3, "regressions": 3, "both_right": 600},
            0.02,
            "v2 is no worse than v1, within a margin of 2 points.",
        ),
        ({"both_right": 10}, 0, "No significant difference."),
    ],
)
def test_each_verdict_has_its_headline(outcomes: dict[str, int], margin: float, conclusion: str) -> None:
    assert describe_verdict(compare(make_pairs(**outcomes), margin=margin), "v1", "v2").startswith(conclusion)


def test_without_any_label_the_difference_is_not_known() -> None:
    text = describe_verdict(compare(hide_labels(make_pairs(fixes=20, both_right=80), 0)), "v1", "v2")

    assert text.startswith(
        "Not enough labels yet. How often v2 is right on images like these, compared with v1, is not"
    )


def test_the_number_of_counted_labels_includes_unsure_images() -> None:
    pairs = hide_labels(make_pairs(fixes=20), 9)
    pairs[3] = make_pair("dog", "cat", None, name="3", place=3, is_final=True)

    assert describe_labels(compare(pairs)) == "9 of 20 disagreements labeled, 1 of them unsure."


def test_labels_outside_the_prefix_are_reported_with_the_missing_images() -> None:
    pairs = make_pairs(fixes=6)
    pairs[1] = make_pair("dog", "cat", None, name="1", place=1)

    assert describe_waiting(compare(pairs)) == "4 labels wait behind 1 image that comes first in the review order."
    assert describe_waiting(compare(make_pairs(fixes=6))) is None


def test_an_accuracy_has_its_interval_and_its_labels() -> None:
    share = Proportion(0.8768, Interval(0.745, 0.9227), 90)

    assert describe_accuracy(share, "v1") == (
        "v1 is right on 87.7% of images like these (95% CI 74.5 to 92.3, from 90 labels)."
    )
    assert "not known yet" in describe_accuracy(None, "v1")


def test_near_duplicates_are_mentioned_only_if_there_are_some() -> None:
    alike = compare(
        [
            make_pair(perceptual_hash=1),
            make_pair(perceptual_hash=1),
            make_pair(perceptual_hash=2**64 - 2),
        ]
    )

    assert (
        describe_near_duplicates(alike, Grouping.FOLDER) == "3 images. Near-duplicates are grouped by folder: 2 groups."
    )
    assert describe_near_duplicates(compare([make_pair(), make_pair()]), Grouping.APPEARANCE) is None


def test_images_without_a_label_are_mentioned_only_if_there_are_some() -> None:
    unsure = compare([make_pair(make_prediction_summary(score=0.3), make_prediction_summary(score=0.9))], threshold=0.5)

    text = describe_unlabeled(unsure, "v1", "v2")

    assert text == "No label scores 0.50 or more for 1 image with v1 and 0 with v2. These count as no label."
    assert describe_unlabeled(compare([make_pair()]), "v1", "v2") is None


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
def test_only_the_whole_rounds_to_100_percent(share: float, text: str) -> None:
    assert format_share(share) == text


def test_where_the_interval_alone_suggests_a_difference_the_test_is_named() -> None:
    # 7 fixes and 1 regression: the exact test gives 2 * 9 / 256 = 0.07; the interval of 40 images is above 0.
    unclear = compare(make_pairs(fixes=7, regressions=1, both_right=32))

    assert unclear.interval.low > 0
    assert describe_verdict(unclear, "v1", "v2").startswith("No significant difference. On images like these, v2 is")
    assert describe_verdict(unclear, "v1", "v2").endswith("The test decides, at 0.04, and gives p = 0.07.")


def test_a_gain_of_less_than_a_tenth_of_a_point_is_not_called_zero() -> None:
    # 6 fixes of 1,000 images: McNemar's p is 0.03; Bonett and Price's interval begins at 0.0003.
    better = compare(make_pairs(fixes=6, both_right=994))

    assert describe_verdict(better, "v1", "v2").startswith("v2 is better: at least +0.0")
    assert not describe_verdict(better, "v1", "v2").startswith("v2 is better: at least +0.0 ")


def test_too_few_disagreements_to_find_anything_say_so() -> None:
    few = compare(hide_labels(make_pairs(fixes=7, both_right=93), 0))
    plan = make_plan(few.prefix)

    assert plan is not None
    assert "too few to find a difference of 5 points or less" in describe_plan(few, plan)
