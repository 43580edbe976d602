"""The error rate of reviewers, from two annotations per image."""

import pytest

from lib.domain.annotations import TrueLabel
from lib.stats.reviewer_error import estimate_reviewer_error

CAT, DOG = TrueLabel.one("cat"), TrueLabel.one("dog")


def label_twice(images: int, different: int) -> dict[str, dict[str, TrueLabel]]:
    names = [str(number) for number in range(images)]
    return {
        "Ada": dict.fromkeys(names, CAT),
        "Bob": {name: DOG if place < different else CAT for place, name in enumerate(names)},
    }


def test_the_error_rate_explains_the_share_of_differing_annotations() -> None:
    found = estimate_reviewer_error(label_twice(100, 18))

    # 2 * 0.1 * 0.9 = 0.18, and 1 / (1 - 0.2) = 1.25.
    assert found is not None
    assert (found.images, found.different) == (100, 18)
    assert found.error == pytest.approx(0.1)
    assert found.inflation == pytest.approx(1.25)
    assert found.interval.low < 0.1 < found.interval.high


def test_few_images_with_two_annotations_give_no_error_rate() -> None:
    assert estimate_reviewer_error(label_twice(19, 2)) is None


def test_images_with_one_annotation_do_not_count() -> None:
    labels = label_twice(20, 0)
    labels["Ada"]["alone"] = DOG

    found = estimate_reviewer_error(labels)

    assert found is not None
    assert (found.images, found.error, found.inflation) == (20, 0.0, 1.0)


def test_reviewers_who_always_differ_give_a_valid_error_rate() -> None:
    found = estimate_reviewer_error(label_twice(20, 20))

    assert found is not None
    assert (found.error, found.inflation) == (0.5, float("inf"))
