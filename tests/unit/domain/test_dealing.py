"""Images dealt out to reviewers."""

from collections import Counter

from lib.domain.dealing import Dealing
from lib.domain.review_order import draw_place

PLACES = {f"{number:064x}": draw_place("seed", 0, f"{number:064x}") for number in range(1_000)}


def test_every_image_goes_to_so_many_reviewers_and_a_tenth_to_one_more() -> None:
    dealing = Dealing(("Ada", "Bob", "Grace"), words=1)

    sizes = Counter(len(dealing.deal(place)) for place in PLACES.values())

    assert set(sizes) == {1, 2}
    # 100 of 1,000 with a standard deviation of 9.5.
    assert 70 < sizes[2] < 130


def test_reviewers_get_about_the_same_number_of_images_and_always_the_same_ones() -> None:
    dealing = Dealing(("Ada", "Bob"), words=1)

    ada, bob = (dealing.find_dealt(PLACES, name) for name in ("Ada", "Bob"))

    # 550 of 1,000 with a standard deviation of 16.
    assert 480 < len(ada) < 620
    assert ada | bob == set(PLACES)
    assert dealing.find_dealt(PLACES, "Ada") == ada


def test_no_image_goes_to_more_reviewers_than_there_are() -> None:
    assert {Dealing(("Ada",), words=3).deal(place) for place in PLACES.values()} == {("Ada",)}


def test_somebody_who_was_dealt_nothing_reviews_all_images() -> None:
    assert Dealing(("Ada",)).find_dealt(PLACES, "Grace") == set(PLACES)
    assert Dealing().find_dealt(PLACES, "Grace") == set(PLACES)
