"""Long-running operations."""

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.vertex.vertex_operations import VertexOperations, describe_operation

NAME = "projects/p/locations/local/endpoints/9"


def test_an_instant_operation_is_returned_as_done() -> None:
    operations = VertexOperations()

    operation = operations.start(NAME, "DeployModel", lambda: {"made": "x"})

    assert operation.response == {"made": "x"}
    assert describe_operation(operation)["done"]
    assert operations.get(operation.name) == operation


def test_a_pending_operation_has_no_effect_yet() -> None:
    changes = ["not made yet"]
    operations = VertexOperations()

    operation = operations.start(NAME, "DeployModel", lambda: {"made": changes.pop()}, takes_s=3600)

    assert (operation.response, changes) == (None, ["not made yet"])
    assert describe_operation(operation).keys() == {"name", "metadata"}
    assert operations.running_on("9") == [operation.name]
    assert operations.running_on("99") == []


def test_an_operation_is_found_by_its_full_name() -> None:
    operations = VertexOperations()
    operation = operations.start(NAME, "Delete", dict)

    with pytest.raises(ApiError, match="not found"):
        operations.get(operation.name.replace("projects/p", "projects/q"))


def test_the_oldest_operation_is_dropped_at_the_limit() -> None:
    operations = VertexOperations()
    first, second, *_ = [operations.start(NAME, "Delete", dict) for _ in range(1001)]

    with pytest.raises(ApiError, match="not found"):
        operations.get(first.name)
    assert operations.get(second.name) == second
