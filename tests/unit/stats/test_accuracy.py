"""Accuracies among all images, from labels that are drawn from strata."""

import pytest

from lib.domain.pairs import Pair
from lib.stats.accuracy import estimate_each_accuracy
from tests.builders.pairs import make_pair

NAMES = [str(place) for place in range(1_000)]
GROUPS = {make_pair(name=name).sha256: place for place, name in enumerate(NAMES)}


def say(labels: list[str], labeled: set[int]) -> list[Pair]:
    """Pairs of a version that predicts these labels. The true label is "cat", on the images that are labeled."""
    return [
        make_pair("dog", label, "cat" if place in labeled else None, name=NAMES[place], place=place)
        for place, label in enumerate(labels)
    ]


def test_accuracies_of_several_versions_weigh_what_they_agree_on_by_its_size() -> None:
    # Of 1,000 images, versions differ on the first 110: of these 60 are labeled, v1 is right on 25 of them and v2 on
    # none. Of the 890 on which they agree, 30 are labeled: both are right on 28.
    labeled = {*range(60), *range(110, 140)}
    same = ["cat"] * 28 + ["dog"] * 862
    v1, v2 = say(["cat"] * 25 + ["dog"] * 85 + same, labeled), say(["owl"] * 110 + same, labeled)

    found = estimate_each_accuracy({"v1": v1, "v2": v2}, GROUPS, threshold=0.0)

    # 0.89 * 28 / 30 + 0.11 * 25 / 60, with the interval of the strata (890, 30, 28) and (110, 60, 25).
    assert found["v1"] is not None
    assert found["v2"] is not None
    interval = found["v1"].interval
    assert (found["v1"].value, interval.low, interval.high) == pytest.approx((0.8765, 0.7450, 0.9227), abs=5e-5)
    assert found["v2"].value == pytest.approx(0.89 * 28 / 30)


def test_images_that_a_version_did_not_predict_count_for_none() -> None:
    v1, v2 = say(["cat", "cat"], {0, 1, 2}), say(["cat", "cat", "dog"], {0, 1, 2})

    found = estimate_each_accuracy({"v1": v1, "v2": v2}, GROUPS, threshold=0.0)

    assert [own and own.value for own in found.values()] == [1.0, 1.0]


def test_without_labels_where_versions_agree_no_accuracy_is_known() -> None:
    v1, v2 = say(["cat", "cat", "dog"], {0, 1}), say(["dog", "dog", "dog"], {0, 1})

    assert estimate_each_accuracy({"v1": v1, "v2": v2}, GROUPS, threshold=0.0) == {"v1": None, "v2": None}


def test_no_versions_have_no_accuracies() -> None:
    assert estimate_each_accuracy({}, {}, threshold=0.0) == {}
