"""Endpoints and the routing of their calls."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.serving.api_errors import ApiError
from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.endpoints import DeployedModel, Endpoint, Endpoints, make_endpoints
from lib.serving.vertex.registry import ModelRegistry
from lib.serving.vertex.vertex_names import now
from tests.builders.checked_exports import read_library
from tests.builders.exports import make_export


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Endpoint:
    """An endpoint with a version that is deployed under three ids, and no traffic."""
    models_dir = tmp_path_factory.mktemp("models")
    make_export(models_dir / "colors" / "v1")
    version = ModelRegistry(read_library(models_dir).models).models[0].default
    deployed = tuple(DeployedModel(each, version, each, now()) for each in "123")
    return Endpoint("9", "mine", now(), now(), deployed)


@given(first=st.integers(0, 100), second=st.integers(0, 100))
def test_each_version_gets_its_share_of_a_hundred_calls(endpoint: Endpoint, first: int, second: int) -> None:
    second = min(second, 100 - first)
    shares = {"1": first, "2": second, "3": 100 - first - second}
    endpoints = Endpoints([replace(endpoint, traffic=shares)])

    chosen = Counter(endpoints.route_call("9").id for _ in range(100))

    assert chosen == Counter(shares)


def test_calls_of_a_small_share_are_spread_out(endpoint: Endpoint) -> None:
    endpoints = Endpoints([replace(endpoint, traffic={"1": 50, "2": 50})])

    chosen = [endpoints.route_call("9").id for _ in range(10)]

    assert 3 <= chosen.count("1") <= 7


def test_an_endpoint_without_traffic_selects_no_version(endpoint: Endpoint) -> None:
    with pytest.raises(ApiError, match="Endpoint 9 doesn't have traffic_split"):
        Endpoints([endpoint]).route_call("9")


def test_a_deleted_endpoint_is_not_found(endpoint: Endpoint) -> None:
    endpoints = Endpoints([endpoint])

    endpoints.remove("9")

    assert (endpoints.exists("9"), endpoints.all()) == (False, ())
    with pytest.raises(ApiError, match="Endpoint `9` not found"):
        endpoints.get("9")


def test_the_etag_changes_with_the_endpoint(endpoint: Endpoint) -> None:
    assert endpoint.etag == replace(endpoint).etag
    assert endpoint.etag != replace(endpoint, updated_at=now()).etag


def test_the_initial_endpoints_are_the_same_after_a_restart(models: tuple[ServedModel, ...]) -> None:
    starts = [make_endpoints(ModelRegistry(models).models) for _ in range(2)]

    assert starts[0] == starts[1]
    assert [(each.display_name, list(each.traffic.values())) for each in starts[0]] == [
        ("colors-v1", [100]),
        ("tags-v1", [100]),
    ]
    assert len({each.id for each in starts[0]}) == 2
