"""What looking again and again costs."""

import pytest

from lib.stats.paired_tests import false_alarm_rate


# Armitage, McPherson & Rowe (1969), table 2.
@pytest.mark.parametrize(("analyses", "chance"), [(1, 0.05), (2, 0.083), (5, 0.142), (10, 0.193), (50, 0.32)])
def test_the_chance_of_a_false_alarm_is_the_published_one(analyses: int, chance: float) -> None:
    assert false_alarm_rate(analyses) == pytest.approx(chance)


def test_between_the_published_numbers_it_is_read_off_a_line_and_beyond_them_it_stays() -> None:
    assert 0.142 < false_alarm_rate(7) < 0.193
    assert false_alarm_rate(1000) == pytest.approx(0.32)
