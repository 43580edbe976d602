"""The prefix: the labels that count, from the start of the review order without a gap."""

from lib.domain.pairs import Pair
from lib.stats.difference import GroupCounts
from lib.stats.prefix import FlipCounts, find_prefix
from tests.builders.pairs import make_pair

FIX, REGRESSION = ("dog", "cat"), ("cat", "dog")
NEITHER = ("dog", "owl")


def make_review(*flips: tuple[str, str] | None) -> list[Pair]:
    """Disagreements in review order, each with a final word; None for one without."""
    return [
        make_pair(*(flip or FIX), true_label="cat" if flip else None, name=str(place), place=place)
        for place, flip in enumerate(flips)
    ]


def test_the_prefix_ends_before_the_first_image_without_a_final_word() -> None:
    # x = 1, 0, -1, 1, unknown, 1, 1: four labels count, two fixes and one regression.
    pairs = make_review(FIX, NEITHER, REGRESSION, FIX, None, FIX, FIX)

    prefix = find_prefix(pairs, range(7), 0)

    assert (prefix.counts.labeled, prefix.counts.fixes, prefix.counts.regressions) == (4, 2, 1)
    assert ([pair.name for pair in prefix.gap], prefix.waiting, prefix.left) == (["4.jpg"], 2, 3)


def test_images_on_which_the_versions_agree_need_no_label() -> None:
    pairs = [make_pair("cat", "cat", None, name=str(place), place=place) for place in range(5)]

    prefix = find_prefix(pairs, range(5), 0)

    assert (prefix.counts.images, prefix.counts.disagreements, prefix.is_final) == (5, 0, True)


def test_the_order_in_which_images_were_added_does_not_matter() -> None:
    pairs = make_review(FIX, None, REGRESSION)

    assert find_prefix(pairs[::-1], range(3), 0).counts == find_prefix(pairs, range(3), 0).counts


def test_an_image_that_stays_unsure_does_not_end_the_prefix() -> None:
    pairs = [make_pair(*FIX, None, is_final=True), *make_review(FIX)]

    prefix = find_prefix(pairs, range(2), 0)

    assert (prefix.counts.labeled, prefix.counts.fixes, prefix.unsure) == (2, 1, 1)


def test_several_acceptable_labels_are_neither_a_fix_nor_a_regression() -> None:
    prefix = find_prefix([make_pair("dog", "cat", ["cat", "dog"])], [0], 0)

    assert (prefix.counts.labeled, prefix.counts.fixes, prefix.counts.regressions) == (1, 0, 0)


def test_a_version_that_correctly_predicts_no_label_is_correct() -> None:
    prefix = find_prefix([make_pair("dog", None, [])], [0], 0)

    assert prefix.counts.fixes == 1


def test_of_near_duplicates_the_first_in_the_review_order_counts_for_the_tests_and_all_for_the_estimate() -> None:
    pairs = make_review(REGRESSION, FIX, FIX, FIX)

    prefix = find_prefix(pairs, [0, 1, 0, 1], 0)

    assert prefix.tested == FlipCounts(fixes=1, regressions=1)
    assert (prefix.counts.fixes, prefix.counts.regressions) == (3, 1)
    assert prefix.groups == (GroupCounts(2, 2, 2, 0), GroupCounts(2, 2, 2, 2))


def test_once_all_disagreements_are_labeled_the_counts_of_that_moment_are_kept() -> None:
    assert find_prefix(make_review(FIX, FIX, None), range(3), 0).census is None

    prefix = find_prefix(make_review(FIX, FIX, REGRESSION), range(3), 0)

    assert (prefix.census, prefix.is_final) == (FlipCounts(2, 1), True)


def test_after_a_session_grows_the_first_moment_at_which_all_was_labeled_stays_the_only_one() -> None:
    first = make_review(FIX, FIX)
    later = make_pair(*REGRESSION, name="later", batch=1)

    prefix = find_prefix([*first, later], range(3), 0)

    assert prefix.counts.is_complete
    assert (prefix.census, prefix.is_final) == (FlipCounts(2, 0), False)


def test_a_session_that_grew_before_all_was_labeled_has_its_moment_later() -> None:
    first = make_pair(*FIX, name="first")
    second = make_pair(*FIX, name="second", place=1)
    # The second image got its final word only when the later batch was there.
    late = Pair(**{**{name: getattr(second, name) for name in Pair.__slots__}, "final_in_batch": 1})

    prefix = find_prefix([first, late, make_pair(*REGRESSION, name="later", batch=1)], range(3), 0)

    assert (prefix.census, prefix.is_final) == (FlipCounts(2, 1), True)
