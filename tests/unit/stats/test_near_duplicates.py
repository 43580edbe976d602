"""Groups of images that look alike."""

from hypothesis import given
from hypothesis import strategies as st

from lib.stats.near_duplicates import group_near_duplicates

# Hashes close to a few others, so that chains appear.
LOOKS = st.lists(
    st.one_of(
        st.none(),
        st.builds(
            lambda base, flips: base ^ sum(1 << bit for bit in flips),
            st.sampled_from([0, 2**64 - 1, 0x0F0F0F0F0F0F0F0F]),
            st.sets(st.integers(0, 63), max_size=8),
        ),
    ),
    max_size=24,
)


def groups_by_hand(perceptual_hashes: list[int | None], within: int) -> list[int]:
    """The same by looking at every pair, as long as anything changes."""
    groups = list(range(len(perceptual_hashes)))
    for _ in perceptual_hashes:
        for first, one in enumerate(perceptual_hashes):
            for second, other in enumerate(perceptual_hashes):
                if one is not None and other is not None and (one ^ other).bit_count() <= within:
                    groups[first] = groups[second] = min(groups[first], groups[second])
    names = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return [names[group] for group in groups]


@given(LOOKS, st.integers(0, 6))
def test_images_are_grouped_as_by_comparing_every_pair(perceptual_hashes: list[int | None], within: int) -> None:
    assert group_near_duplicates(perceptual_hashes, within) == groups_by_hand(perceptual_hashes, within)


def test_equal_pictures_are_one_group() -> None:
    assert group_near_duplicates([5, 5, 5]) == [0, 0, 0]


def test_four_different_bits_are_near_duplicates_and_five_are_not() -> None:
    assert group_near_duplicates([0, 0b1111]) == [0, 0]
    assert group_near_duplicates([0, 0b11111]) == [0, 1]


def test_a_chain_of_near_duplicates_is_one_group() -> None:
    assert group_near_duplicates([0, 0xF, 0xFF, 2**63 + 2**62 + 2**61 + 2**60 + 2**59 + 0xFF]) == [0, 0, 0, 1]


def test_images_without_a_hash_are_alone() -> None:
    assert group_near_duplicates([None, 7, None, 7]) == [0, 1, 2, 1]


def test_no_images_have_no_groups() -> None:
    assert group_near_duplicates([]) == []
