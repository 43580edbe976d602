"""Groups of images that look alike."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.images import Appearance
from lib.domain.pairs import Pair
from lib.stats.near_duplicates import Grouping, group_near_duplicates, group_pairs
from tests.builders.pairs import make_appearance, make_pair
from tests.builders.values import NOON

# Hashes close to a few others, so that most images have near ones.
APPEARANCES = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            lambda base, flips: make_appearance(base ^ sum(1 << bit for bit in flips)),
            st.sampled_from([0, 2**64 - 1, 0x0F0F0F0F0F0F0F0F]),
            st.sets(st.integers(0, 63), max_size=28),
        ),
    ),
    max_size=24,
)


def groups_by_hand(appearances: list[Appearance | None]) -> list[int]:
    """Return the same groups by comparing with the first image of every group."""
    firsts: list[int | None] = []
    groups = []
    for appearance in appearances:
        own = None if appearance is None else appearance.perceptual_hash
        near = [
            group
            for group, first in enumerate(firsts)
            if own is not None and first is not None and (own ^ first).bit_count() <= 20
        ]
        if not near:
            firsts.append(own)
        groups.append(near[0] if near else len(firsts) - 1)
    return groups


@given(APPEARANCES)
def test_images_join_the_first_group_whose_first_image_is_near(appearances: list[Appearance | None]) -> None:
    assert group_near_duplicates(appearances) == groups_by_hand(appearances)


def group_hashes(*hashes: int) -> list[int]:
    return group_near_duplicates([make_appearance(bits) for bits in hashes])


def test_twenty_different_bits_may_be_near_duplicates_and_more_are_not() -> None:
    assert group_hashes(0, (1 << 20) - 1) == [0, 0]
    assert group_hashes(0, (1 << 21) - 1) == [0, 1]


def test_near_duplicates_are_not_transitive() -> None:
    assert group_hashes(0, (1 << 20) - 1, (1 << 40) - 1, (1 << 60) - 1) == [0, 0, 1, 1]


def make_slope() -> np.ndarray:
    """Gray levels that rise from the top left corner to the bottom right one."""
    rows, columns = np.indices((Appearance.SIDE, Appearance.SIDE))
    return (40 + 3 * rows + columns).astype(np.uint8)


def test_equal_hashes_of_different_images_are_not_enough() -> None:
    slope = make_slope()
    other = slope.copy()
    other[9:12, 9:12] = 250  # one block, as an object before the same background
    brighter = (slope * 0.8 + 40).astype(np.uint8)

    appearances = [Appearance(5, picture.tobytes()) for picture in (slope, other, brighter)]

    assert group_near_duplicates(appearances) == [0, 1, 0]


def test_images_without_contrast_are_not_grouped() -> None:
    flat = Appearance(5, bytes([200] * (Appearance.SIDE**2 - 1) + [202]))

    assert group_near_duplicates([flat, flat]) == [0, 1]


def test_images_without_a_hash_are_not_grouped() -> None:
    assert group_near_duplicates([None, make_appearance(7), None, make_appearance(7)]) == [0, 1, 2, 1]


def test_groups_may_be_given_by_folder_or_switched_off() -> None:
    names = ("first/1", "first/2", "second/1", "3", "4")
    pairs = [make_pair(name=name, perceptual_hash=7) for name in names]

    assert group_pairs(pairs, Grouping.FOLDER) == [0, 0, 1, 2, 3]
    assert group_pairs(pairs, Grouping.OFF) == [0, 1, 2, 3, 4]
    assert group_pairs(pairs, Grouping.APPEARANCE) == [0, 0, 0, 0, 0]


def test_a_burst_is_what_was_captured_within_ten_seconds_of_its_first_image() -> None:
    # Seconds 8, 0, 10 and 11, in this order: 11 begins a burst of its own, although 10 is near.
    pairs = [
        capture("a", 8),
        capture("b", 0),
        capture("c", 10),
        capture("d", 11),
        make_pair(name="e"),
        capture("f", 20),
    ]

    assert group_pairs(pairs, Grouping.TIME) == [0, 0, 0, 1, 2, 1]
    assert group_pairs(pairs[::-1], Grouping.TIME) == [0, 1, 0, 2, 2, 2]


def capture(name: str, second: float) -> Pair:
    return replace(make_pair(name=name), captured_at=NOON + timedelta(seconds=second))


def test_images_that_are_marked_as_different_are_alone_however_groups_are_found() -> None:
    pairs = [replace(capture(f"folder/{place}", place), is_distinct=place == 1) for place in range(3)]

    assert group_pairs(pairs, Grouping.TIME) == [0, 1, 0]
    assert group_pairs(pairs, Grouping.FOLDER) == [0, 1, 0]


def test_no_images_have_no_groups() -> None:
    assert group_near_duplicates([]) == []
