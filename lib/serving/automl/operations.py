"""The google.longrunning.Operations service. Each operation ends by itself after a known time."""

import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.automl_v1 import types
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from lib.serving.api_errors import invalid_field, not_found
from lib.serving.automl.automl_names import parse_location, parse_name
from lib.serving.automl.deployment_states import Period
from lib.serving.paging import take_page

_OperationMetadata = types.OperationMetadata.pb()
# The oldest operations are dropped, so that memory use stays constant over months.
_MAX_OPERATIONS = 1000
# Waiting blocks a thread, and the API allows a service to return before the requested timeout.
_MAX_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class _Operation:
    """A started operation. `kind` is the field of its metadata, such as `deploy_model_details`."""

    name: str
    version: str
    kind: str
    created_at: datetime
    period: Period

    def describe(self) -> Any:
        """Return the current state of the operation, as a message of its API version."""
        elapsed_s, takes_s = self.period.elapsed_s, self.period.takes_s
        done = elapsed_s >= takes_s
        metadata = _OperationMetadata(
            progress_percent=100 if done else int(100 * elapsed_s / takes_s),
            create_time=self.created_at,
            update_time=self.created_at + timedelta(seconds=elapsed_s),
            **{self.kind: {}},
        )
        operation = operations_pb2.Operation(name=self.name, done=done)
        operation.metadata.Pack(metadata)
        operation.metadata.type_url = f"type.googleapis.com/google.cloud.automl.{self.version}.OperationMetadata"
        if done:
            operation.response.Pack(empty_pb2.Empty())
        return operation


class OperationMethods:
    """The operations of this process, each under the project and region of its request."""

    def __init__(self) -> None:
        self._operations: OrderedDict[str, _Operation] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, location: str, version: str, kind: str, period: Period) -> Any:
        """Start an operation of `kind` (such as `deploy_model_details`) that is done at the end of the period."""
        name = f"{location}/operations/ICN{uuid.uuid4().int % 10**19:019}"
        created_at = datetime.now(UTC) - timedelta(seconds=period.elapsed_s)
        operation = _Operation(name, version, kind, created_at, period)
        with self._lock:
            self._operations[name] = operation
            if len(self._operations) > _MAX_OPERATIONS:
                self._operations.popitem(last=False)
        return operation.describe()

    def get(self, request: Any) -> Any:
        """Answer GetOperation."""
        return self._get(request.name).describe()

    def wait(self, request: Any) -> Any:
        """Answer WaitOperation: the operation when it is done or when the timeout expires."""
        operation = self._get(request.name)
        timeout_s = request.timeout.seconds if request.HasField("timeout") else _MAX_WAIT_S
        timeout_s += request.timeout.nanos / 1e9
        time.sleep(max(0.0, min(timeout_s, operation.period.remaining_s, _MAX_WAIT_S)))
        return operation.describe()

    def list_operations(self, request: Any) -> Any:
        """Answer ListOperations: the operations of a project and region, oldest first."""
        location = parse_location(request.name, "name")
        if request.filter:
            raise invalid_field("filter", "Filters are not supported for operations: leave the filter empty.")
        with self._lock:
            prefix = f"{location}/operations/"
            chosen = [operation for name, operation in self._operations.items() if name.startswith(prefix)]
        page, token = take_page(chosen, request.page_size, request.page_token)
        described = [operation.describe() for operation in page]
        return operations_pb2.ListOperationsResponse(operations=described, next_page_token=token)

    def cancel(self, request: Any) -> Any:
        """Answer CancelOperation: the operation continues to its end, which the API allows."""
        self._get(request.name)
        return empty_pb2.Empty()

    def delete(self, request: Any) -> Any:
        """Answer DeleteOperation: the operation is no longer listed, but not canceled."""
        self._get(request.name)
        with self._lock:
            self._operations.pop(request.name, None)
        return empty_pb2.Empty()

    def _get(self, name: str) -> _Operation:
        parse_name(name, "operations")
        with self._lock:
            operation = self._operations.get(name)
        if operation is None:
            raise not_found("Operation", name)
        return operation
