"""Traffic splits; deploying and undeploying are tested over HTTP, in test_deployment_methods.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.serving.api_errors import ApiError
from lib.serving.vertex.traffic import read_traffic


@given(first=st.integers(0, 100))
def test_a_traffic_split_that_adds_up_to_100_is_accepted(first: int) -> None:
    split = {"1": first, "2": 100 - first}

    assert read_traffic(split, ["1", "2", "3"]) == split


@given(
    split=st.dictionaries(st.sampled_from("12"), st.integers(0, 100), min_size=1).filter(
        lambda s: sum(s.values()) != 100
    )
)
def test_a_traffic_split_that_does_not_add_up_to_100_is_rejected(split: dict[str, int]) -> None:
    with pytest.raises(ApiError, match=f"add up to 100, and add up to {sum(split.values())}"):
        read_traffic(split, ["1", "2"])


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_traffic_share_outside_0_to_100_is_rejected(percent: int) -> None:
    with pytest.raises(ApiError, match="from 0 to 100"):
        read_traffic({"1": percent, "2": 100 - percent}, ["1", "2"])


def test_a_traffic_share_for_a_model_that_is_not_deployed_is_rejected() -> None:
    with pytest.raises(ApiError, match="'3', which is not deployed here"):
        read_traffic({"3": 100}, ["1", "2"])


def test_an_empty_traffic_split_is_accepted() -> None:
    assert read_traffic({}, ["1"]) == {}
