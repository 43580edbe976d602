"""google.longrunning.Operations. Deploying takes no time here, so an operation is done when it is given out."""

import threading
import uuid
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

from google.cloud.automl_v1 import types
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from lib.serving.names import read_location, read_name
from lib.serving.paging import cut_page
from lib.serving.refusals import invalid_field, not_found

_OperationMetadata = types.OperationMetadata.pb()
# Old ones are forgotten, so that a service that runs for months does not grow.
_REMEMBERED = 1000


class Operations:
    """The operations of this process, each under the project and region that it was asked for in."""

    def __init__(self) -> None:
        self._operations: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def add_done(self, location: str, version: str, kind: str) -> Any:
        """A new finished operation of `kind` (`deploy_model_details`, ...), told in an API `version`'s words."""
        now = datetime.now(UTC)
        operation = operations_pb2.Operation(name=f"{location}/operations/ICN{uuid.uuid4().int % 10**19:019}")
        operation.metadata.Pack(
            _OperationMetadata(progress_percent=100, create_time=now, update_time=now, **{kind: {}})
        )
        operation.metadata.type_url = f"type.googleapis.com/google.cloud.automl.{version}.OperationMetadata"
        operation.done = True
        operation.response.Pack(empty_pb2.Empty())
        with self._lock:
            self._operations[operation.name] = operation
            if len(self._operations) > _REMEMBERED:
                self._operations.popitem(last=False)
        return operation

    def get(self, request: Any) -> Any:
        """Answer GetOperation, and WaitOperation, which has nothing to wait for."""
        read_name(request.name, "operations")
        with self._lock:
            operation = self._operations.get(request.name)
        if operation is None:
            raise not_found("Operation", request.name)
        return operation

    def find(self, request: Any) -> Any:
        """Answer ListOperations: the operations of a project and region, oldest first."""
        location = read_location(request.name, "name")
        if request.filter:
            raise invalid_field("filter", "Operations cannot be filtered here: leave the filter empty.")
        with self._lock:
            chosen = [each for each in self._operations.values() if each.name.startswith(f"{location}/operations/")]
        page, token = cut_page(chosen, request.page_size, request.page_token)
        return operations_pb2.ListOperationsResponse(operations=page, next_page_token=token)

    def cancel(self, request: Any) -> Any:
        """Answer CancelOperation: a done operation stays done, and that is no error."""
        self.get(request)
        return empty_pb2.Empty()

    def delete(self, request: Any) -> Any:
        """Answer DeleteOperation."""
        self.get(request)
        with self._lock:
            self._operations.pop(request.name, None)
        return empty_pb2.Empty()
