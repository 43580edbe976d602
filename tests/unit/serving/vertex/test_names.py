"""Resource names and ids."""

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.vertex.vertex_names import (
    VertexModelName,
    check_location,
    parse_model_id,
    parse_vertex_model_name,
    random_id,
    stable_id,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("123", VertexModelName("123")),
        ("123@2", VertexModelName("123", "2")),
        ("123@golden", VertexModelName("123", "golden")),
    ],
)
def test_a_model_name_may_include_a_version(text: str, name: VertexModelName) -> None:
    assert parse_model_id(text) == name
    assert parse_vertex_model_name(f"projects/p/locations/us-east1/models/{text}", "model") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "123",
        "projects/p/locations/us-east1/models/",
        "projects/p/locations/us-east1/models/1@",
        "projects/p/locations/us-east1/models/1@2@3",
        "projects/p/locations/us-east1/models/1/evaluations/2",
        "projects/p/locations/us-east1/endpoints/1",
        "projects/p/locations/eu/models/1",
        "projects/p/locations/us-east1/models/1\n/",
    ],
)
def test_an_invalid_model_name_is_rejected(name: str) -> None:
    with pytest.raises(ApiError):
        parse_vertex_model_name(name, "model")


@pytest.mark.parametrize("name", ["projects/example.com:p/locations/local", "projects/p/locations/us-east1"])
def test_a_location_of_vertex_ai_or_of_this_machine_is_accepted(name: str) -> None:
    check_location(name)


def test_ids_are_stable_signed_64_bit_numbers() -> None:
    ids = [stable_id(f"model {number}") for number in range(1000)]

    assert ids == [stable_id(f"model {number}") for number in range(1000)]
    assert len(set(ids)) == 1000
    assert max(int(each) for each in ids) < 2**63
    assert all(str(int(each)) == each for each in ids)


def test_new_ids_are_unique() -> None:
    assert len({random_id() for _ in range(1000)}) == 1000
