"""google.longrunning.Operations. What an operation stands for ends by itself after a time that is known before."""

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
from lib.serving.automl.deployments import Period
from lib.serving.automl.lists import cut_page
from lib.serving.automl.resource_names import read_location, read_name

_OperationMetadata = types.OperationMetadata.pb()
# Old ones are forgotten, so that a service that runs for months does not grow.
_REMEMBERED = 1000
# A wait keeps a thread busy; Google lets a service answer before the time that was asked for.
_WAITS_AT_MOST_S = 30.0


@dataclass(frozen=True, slots=True)
class _Operation:
    """What is known when an operation begins; `kind` is the field of its details, such as `deploy_model_details`."""

    name: str
    version: str
    kind: str
    created_at: datetime
    period: Period

    def describe(self) -> Any:
        """The operation as it stands now, told in its API version's words."""
        passed_s, takes_s = self.period.passed_s, self.period.takes_s
        done = passed_s >= takes_s
        metadata = _OperationMetadata(
            progress_percent=100 if done else int(100 * passed_s / takes_s),
            create_time=self.created_at,
            update_time=self.created_at + timedelta(seconds=passed_s),
            **{self.kind: {}},
        )
        operation = operations_pb2.Operation(name=self.name, done=done)
        operation.metadata.Pack(metadata)
        operation.metadata.type_url = f"type.googleapis.com/google.cloud.automl.{self.version}.OperationMetadata"
        if done:
            operation.response.Pack(empty_pb2.Empty())
        return operation


class OperationMethods:
    """The operations of this process, each under the project and region that it was asked for in."""

    def __init__(self) -> None:
        self._operations: OrderedDict[str, _Operation] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, location: str, version: str, kind: str, period: Period) -> Any:
        """A new operation of `kind` (`deploy_model_details`, ...), done at the end of the period."""
        name = f"{location}/operations/ICN{uuid.uuid4().int % 10**19:019}"
        created_at = datetime.now(UTC) - timedelta(seconds=period.passed_s)
        operation = _Operation(name, version, kind, created_at, period)
        with self._lock:
            self._operations[name] = operation
            if len(self._operations) > _REMEMBERED:
                self._operations.popitem(last=False)
        return operation.describe()

    def get(self, request: Any) -> Any:
        """Answer GetOperation."""
        return self._find(request.name).describe()

    def wait(self, request: Any) -> Any:
        """Answer WaitOperation: the operation when it is done, or when the time that was asked for is over."""
        operation = self._find(request.name)
        wished_s = request.timeout.seconds if request.HasField("timeout") else _WAITS_AT_MOST_S
        wished_s += request.timeout.nanos / 1e9
        time.sleep(max(0.0, min(wished_s, operation.period.remaining_s, _WAITS_AT_MOST_S)))
        return operation.describe()

    def find(self, request: Any) -> Any:
        """Answer ListOperations: the operations of a project and region, oldest first."""
        location = read_location(request.name, "name")
        if request.filter:
            raise invalid_field("filter", "Operations cannot be filtered here: leave the filter empty.")
        with self._lock:
            chosen = [each for name, each in self._operations.items() if name.startswith(f"{location}/operations/")]
        page, token = cut_page(chosen, request.page_size, request.page_token)
        described = [each.describe() for each in page]
        return operations_pb2.ListOperationsResponse(operations=described, next_page_token=token)

    def cancel(self, request: Any) -> Any:
        """Answer CancelOperation: an operation goes on to its end, which Google's description of the method allows."""
        self._find(request.name)
        return empty_pb2.Empty()

    def delete(self, request: Any) -> Any:
        """Answer DeleteOperation: the operation is forgotten, and not cancelled."""
        self._find(request.name)
        with self._lock:
            self._operations.pop(request.name, None)
        return empty_pb2.Empty()

    def _find(self, name: str) -> _Operation:
        read_name(name, "operations")
        with self._lock:
            operation = self._operations.get(name)
        if operation is None:
            raise not_found("Operation", name)
        return operation
