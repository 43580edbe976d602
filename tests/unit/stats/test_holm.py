"""Holm's correction against statsmodels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from lib.stats.paired_tests import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(P_VALUES)
def test_holm_is_what_statsmodels_gives(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


@given(P_VALUES)
def test_a_corrected_p_value_is_never_smaller(p_values: list[float]) -> None:
    assert all(adjusted >= p for adjusted, p in zip(holm(p_values), p_values, strict=True))


def test_a_single_p_value_stays() -> None:
    assert holm([0.04]) == [0.04]


def test_no_p_values_give_none() -> None:
    assert holm([]) == []
