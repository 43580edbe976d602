"""Long-running operations."""

import time
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.automl_v1 import types
from google.longrunning import operations_pb2

from lib.serving.api_errors import ApiError
from lib.serving.automl.deployment_states import start_period
from lib.serving.automl.operations import OperationMethods
from tests.builders.hand_clock import HandClock

LOCATION = "projects/p/locations/eu"
KIND = "deploy_model_details"


def add_done(operations: OperationMethods, location: str = LOCATION, version: str = "v1") -> Any:
    return operations.add(location, version, KIND, start_period(0.0))


def make_get(name: str) -> operations_pb2.GetOperationRequest:
    return operations_pb2.GetOperationRequest(name=name)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_an_operation_uses_the_api_version_of_the_caller(version: str) -> None:
    operation = add_done(OperationMethods(), version=version)

    assert operation.done
    assert operation.metadata.type_url == f"type.googleapis.com/google.cloud.automl.{version}.OperationMetadata"
    assert operation.response.type_url == "type.googleapis.com/google.protobuf.Empty"


def test_an_operation_exists_until_it_is_deleted() -> None:
    operations = OperationMethods()
    operation = add_done(operations)

    got = operations.get(make_get(operation.name))
    operations.delete(make_get(operation.name))

    assert got == operation
    with pytest.raises(ApiError, match="Operation not found"):
        operations.get(make_get(operation.name))


def test_canceling_a_completed_operation_has_no_effect() -> None:
    operations = OperationMethods()
    operation = add_done(operations)

    operations.cancel(make_get(operation.name))

    assert operations.get(make_get(operation.name)) == operation


def test_operations_are_listed_by_project_and_region_oldest_first() -> None:
    operations = OperationMethods()
    mine = [add_done(operations) for _ in range(3)]
    add_done(operations, "projects/p/locations/local")
    add_done(operations, "projects/q/locations/eu")

    listed = operations.list_operations(operations_pb2.ListOperationsRequest(name=LOCATION, page_size=2))

    assert list(listed.operations) == mine[:2]
    assert listed.next_page_token


def test_operations_cannot_be_filtered() -> None:
    with pytest.raises(ApiError, match="leave the filter empty"):
        OperationMethods().list_operations(operations_pb2.ListOperationsRequest(name=LOCATION, filter="done"))


def test_the_oldest_operation_is_dropped_at_the_limit() -> None:
    operations = OperationMethods()
    first, second, *_ = [add_done(operations) for _ in range(1001)]

    with pytest.raises(ApiError, match="Operation not found"):
        operations.get(make_get(first.name))
    assert operations.get(make_get(second.name)) == second


def test_an_invalid_operation_name_is_rejected() -> None:
    with pytest.raises(ApiError, match="operations/ID"):
        OperationMethods().get(make_get("operations/1"))


def metadata_of(operation: Any) -> Any:
    metadata = types.OperationMetadata.pb()()
    assert operation.metadata.Unpack(metadata)
    return metadata


def make_wait(name: str, seconds: float | None) -> operations_pb2.WaitOperationRequest:
    request = operations_pb2.WaitOperationRequest(name=name)
    if seconds is not None:
        request.timeout.FromTimedelta(timedelta(seconds=seconds))
    return request


def test_progress_increases_until_the_operation_is_done() -> None:
    operations, clock = OperationMethods(), HandClock()
    name = operations.add(LOCATION, "v1", KIND, start_period(40.0, clock)).name

    seen = [operations.get(make_get(name)) for clock.now_s in (0.0, 10.0, 39.9, 40.0, 1000.0)]

    assert [each.done for each in seen] == [False, False, False, True, True]
    assert [each.HasField("response") for each in seen] == [False, False, False, True, True]
    # 10 of 40 seconds are a quarter, 39.9 of them 99.75 %.
    assert [metadata_of(each).progress_percent for each in seen] == [0, 25, 99, 100, 100]


def test_the_update_time_is_the_time_of_completion() -> None:
    operations, clock = OperationMethods(), HandClock()
    name = operations.add(LOCATION, "v1", KIND, start_period(40.0, clock)).name

    clock.now_s = 1000.0
    metadata = metadata_of(operations.get(make_get(name)))

    assert metadata.update_time.ToDatetime() - metadata.create_time.ToDatetime() == timedelta(seconds=40)


def test_a_wait_ends_when_the_operation_is_done() -> None:
    operations = OperationMethods()
    name = operations.add(LOCATION, "v1", KIND, start_period(0.2)).name

    assert operations.wait(make_wait(name, 20)).done


def test_a_wait_without_a_timeout_ends_when_the_operation_is_done() -> None:
    operations = OperationMethods()
    name = operations.add(LOCATION, "v1", KIND, start_period(0.2)).name

    assert operations.wait(make_wait(name, None)).done


@pytest.mark.parametrize("seconds", [0, 0.1, -5])
def test_a_wait_ends_at_its_timeout(seconds: float) -> None:
    operations = OperationMethods()
    name = operations.add(LOCATION, "v1", KIND, start_period(600.0)).name

    began_s = time.monotonic()
    waited = operations.wait(make_wait(name, seconds))

    assert not waited.done
    assert seconds <= time.monotonic() - began_s < 60


def test_canceling_a_running_operation_does_not_stop_it() -> None:
    operations, clock = OperationMethods(), HandClock()
    name = operations.add(LOCATION, "v1", KIND, start_period(40.0, clock)).name

    operations.cancel(make_get(name))
    clock.now_s = 40.0

    assert operations.get(make_get(name)).done
