"""Long-running operations."""

import pytest
from google.longrunning import operations_pb2

from lib.serving.operations import Operations
from lib.serving.refusals import Refused

LOCATION = "projects/p/locations/eu"
KIND = "deploy_model_details"


def make_get(name: str) -> operations_pb2.GetOperationRequest:
    return operations_pb2.GetOperationRequest(name=name)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_an_operation_is_done_and_speaks_the_caller_s_version(version: str) -> None:
    operation = Operations().add_done(LOCATION, version, KIND)

    assert operation.done
    assert operation.metadata.type_url == f"type.googleapis.com/google.cloud.automl.{version}.OperationMetadata"
    assert operation.response.type_url == "type.googleapis.com/google.protobuf.Empty"


def test_an_operation_can_be_got_until_it_is_deleted() -> None:
    operations = Operations()
    operation = operations.add_done(LOCATION, "v1", KIND)

    got = operations.get(make_get(operation.name))
    operations.delete(make_get(operation.name))

    assert got == operation
    with pytest.raises(Refused, match="Operation not found"):
        operations.get(make_get(operation.name))


def test_cancelling_a_done_operation_changes_nothing() -> None:
    operations = Operations()
    operation = operations.add_done(LOCATION, "v1", KIND)

    operations.cancel(make_get(operation.name))

    assert operations.get(make_get(operation.name)) == operation


def test_operations_are_listed_by_project_and_region_oldest_first() -> None:
    operations = Operations()
    mine = [operations.add_done(LOCATION, "v1", KIND) for _ in range(3)]
    operations.add_done("projects/p/locations/local", "v1", KIND)
    operations.add_done("projects/q/locations/eu", "v1", KIND)

    listed = operations.find(operations_pb2.ListOperationsRequest(name=LOCATION, page_size=2))

    assert list(listed.operations) == mine[:2]
    assert listed.next_page_token


def test_operations_cannot_be_filtered() -> None:
    with pytest.raises(Refused, match="leave the filter empty"):
        Operations().find(operations_pb2.ListOperationsRequest(name=LOCATION, filter="done"))


def test_the_oldest_of_very_many_operations_is_forgotten() -> None:
    operations = Operations()
    first, second, *_ = [operations.add_done(LOCATION, "v1", KIND) for _ in range(1001)]

    with pytest.raises(Refused, match="Operation not found"):
        operations.get(make_get(first.name))
    assert operations.get(make_get(second.name)) == second


def test_a_name_that_is_no_operation_s_is_refused() -> None:
    with pytest.raises(Refused, match="operations/ID"):
        Operations().get(make_get("operations/1"))
