"""Assignment of images to reviewers."""

from collections import Counter

from lib.domain.assignment import Assignment
from lib.domain.review_order import draw_place

PLACES = {f"{number:064x}": draw_place("seed", 0, f"{number:064x}") for number in range(1_000)}


def test_every_image_is_assigned_to_the_set_number_of_reviewers_and_a_tenth_to_one_more() -> None:
    assignment = Assignment(("Ada", "Bob", "Grace"), reviewers_per_image=1)

    sizes = Counter(len(assignment.find_reviewers(place)) for place in PLACES.values())

    assert set(sizes) == {1, 2}
    # 100 of 1,000 with a standard deviation of 9.5.
    assert 70 < sizes[2] < 130


def test_assignments_are_balanced_and_stable() -> None:
    assignment = Assignment(("Ada", "Bob"), reviewers_per_image=1)

    ada, bob = (assignment.find_images(PLACES, name) for name in ("Ada", "Bob"))

    # 550 of 1,000 with a standard deviation of 16.
    assert 480 < len(ada) < 620
    assert ada | bob == set(PLACES)
    assert assignment.find_images(PLACES, "Ada") == ada


def test_no_image_is_assigned_to_more_reviewers_than_exist() -> None:
    assert {Assignment(("Ada",), reviewers_per_image=3).find_reviewers(place) for place in PLACES.values()} == {
        ("Ada",)
    }


def test_a_reviewer_without_assignments_reviews_all_images() -> None:
    assert Assignment(("Ada",)).find_images(PLACES, "Grace") == set(PLACES)
    assert Assignment().find_images(PLACES, "Grace") == set(PLACES)
