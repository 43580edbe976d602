"""The random review order shared by all reviewers."""

from lib.domain.review_order import draw_place

IMAGES = [f"{number:064x}" for number in range(1000)]


def sort_images(seed: str) -> list[str]:
    return sorted(IMAGES, key=lambda image: draw_place(seed, 0, image))


def test_the_review_order_depends_only_on_the_seed() -> None:
    assert sort_images("one") == sort_images("one")
    assert sort_images("one") != sort_images("two")


def test_images_added_later_are_placed_after_existing_ones() -> None:
    assert max(draw_place("seed", 0, image) for image in IMAGES) < min(draw_place("seed", 1, image) for image in IMAGES)


def test_every_image_is_equally_likely_in_the_first_half() -> None:
    # 1,000 images with 100 seeds: 50% on average, give or take 0.16 points.
    first_half = sum(draw_place(f"seed {seed}", 0, image).draw < "8" for seed in range(100) for image in IMAGES)

    assert 0.49 < first_half / 100_000 < 0.51
