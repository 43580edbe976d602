"""The power of a review, against a reference implementation and simple cases."""

import pytest

from lib.stats.planning import chance_to_settle, find_power


@pytest.mark.parametrize(("difference", "power"), [(0.02, 0.5486), (0.03, 0.9214)])
def test_the_power_matches_the_reference(difference: float, power: float) -> None:
    # 36% of the disagreements are neither a fix nor a regression.
    assert find_power(1000, 110, difference, neither=0.36) == pytest.approx(power, abs=5e-5)


def test_without_disagreements_nothing_can_be_found() -> None:
    assert find_power(1000, 0, 0.02, neither=0.36) == 0
    assert find_power(0, 0, 0.02, neither=0.36) == 0


def test_a_settled_comparison_has_a_chance_of_1() -> None:
    # 30 of 30 stays significant whatever the last label is.
    assert chance_to_settle(30, 0, 0, left=1) == 1


def test_a_futile_comparison_has_a_chance_of_0() -> None:
    assert chance_to_settle(3, 3, 0, left=2) == 0


def test_the_chance_grows_with_the_lead() -> None:
    even, ahead = chance_to_settle(10, 10, 5, left=60), chance_to_settle(16, 4, 5, left=60)

    assert 0 < even < 0.3
    assert 0.8 < ahead < 1
