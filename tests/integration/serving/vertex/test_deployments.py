"""Traffic splits; deploying and undeploying are tested over HTTP, in test_endpoint_methods.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.serving.api_errors import ApiError
from lib.serving.vertex.traffic import read_traffic


@given(first=st.integers(0, 100))
def test_a_split_that_adds_up_is_kept(first: int) -> None:
    split = {"1": first, "2": 100 - first}

    assert read_traffic(split, ["1", "2", "3"]) == split


@given(
    split=st.dictionaries(st.sampled_from("12"), st.integers(0, 100), min_size=1).filter(
        lambda s: sum(s.values()) != 100
    )
)
def test_a_split_that_does_not_add_up_is_refused(split: dict[str, int]) -> None:
    with pytest.raises(ApiError, match=f"add up to 100, and add up to {sum(split.values())}"):
        read_traffic(split, ["1", "2"])


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_beyond_all_is_refused(percent: int) -> None:
    with pytest.raises(ApiError, match="from 0 to 100"):
        read_traffic({"1": percent, "2": 100 - percent}, ["1", "2"])


def test_a_share_for_what_is_not_deployed_is_refused() -> None:
    with pytest.raises(ApiError, match="'3', which is not deployed here"):
        read_traffic({"3": 100}, ["1", "2"])


def test_no_traffic_at_all_can_be_wished_for() -> None:
    assert read_traffic({}, ["1"]) == {}
