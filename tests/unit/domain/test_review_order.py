"""The random order in which everybody reviews."""

from lib.domain.review_order import draw_place

IMAGES = [f"{number:064x}" for number in range(1000)]


def sort_images(seed: str) -> list[str]:
    return sorted(IMAGES, key=lambda image: draw_place(seed, 0, image))


def test_the_order_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert sort_images("one") == sort_images("one")
    assert sort_images("one") != sort_images("two")


def test_images_that_are_added_later_go_behind_those_that_were_there() -> None:
    assert max(draw_place("seed", 0, image) for image in IMAGES) < min(draw_place("seed", 1, image) for image in IMAGES)


def test_every_image_is_as_likely_to_come_in_the_first_half() -> None:
    # 1,000 images with 100 seeds: 50% on average, give or take 0.16 points.
    first_half = sum(draw_place(f"seed {seed}", 0, image).draw < "8" for seed in range(100) for image in IMAGES)

    assert 0.49 < first_half / 100_000 < 0.51
