"""Long-running operations, which are done at once or after a delay, so that callers can poll them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from lib.serving.vertex.fields import Json
from lib.serving.vertex.vertex_errors import vertex_not_found
from lib.serving.vertex.vertex_names import format_timestamp, now, random_id

_TYPES = "type.googleapis.com/google.cloud.aiplatform.v1."
# The oldest operations are dropped, so that memory use stays constant over months.
_MAX_OPERATIONS = 1000


@dataclass(frozen=True, slots=True)
class VertexOperation:
    """A change of `resource`. `kind` is the prefix of its metadata's type; `response` is None until it is done."""

    name: str
    resource: str
    kind: str
    created_at: datetime
    updated_at: datetime
    response: Json | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    """An operation that is done at `due_s` of the monotonic clock."""

    operation: VertexOperation
    due_s: float
    finish: Callable[[], Json]


class VertexOperations:
    """The operations of this process. A change that is due takes effect at the next access."""

    def __init__(self) -> None:
        self._operations: OrderedDict[str, VertexOperation] = OrderedDict()
        self._pending: list[_Pending] = []
        self._lock = threading.RLock()

    @contextmanager
    def current_state(self) -> Iterator[None]:
        """Apply all changes that are due, and hold back others until the block ends."""
        with self._lock:
            due = [pending for pending in self._pending if pending.due_s <= time.monotonic()]
            self._pending = [pending for pending in self._pending if pending not in due]
            for pending in due:
                done = replace(pending.operation, updated_at=now(), response=pending.finish())
                self._remember(done)
            yield

    def start(self, resource: str, kind: str, finish: Callable[[], Json], takes_s: float = 0.0) -> VertexOperation:
        """Start an operation on the resource with this name.

        `finish` makes the change after `takes_s` and returns the response.
        """
        moment = now()
        operation = VertexOperation(f"{resource}/operations/{random_id()}", resource, kind, moment, moment)
        with self.current_state():
            self._remember(operation)
            self._pending.append(_Pending(operation, time.monotonic() + takes_s, finish))
        return self.get(operation.name)

    def get(self, name: str) -> VertexOperation:
        """Return the current state of the operation. Raises ApiError."""
        with self.current_state():
            operation = self._operations.get(name)
        if operation is None:
            raise vertex_not_found("Operation", name)
        return operation

    def running_on(self, endpoint_id: str) -> Sequence[str]:
        """Return the names of the unfinished operations on an endpoint, under any project and region."""
        with self.current_state():
            running = [pending.operation for pending in self._pending]
        return [operation.name for operation in running if operation.resource.endswith(f"/endpoints/{endpoint_id}")]

    def _remember(self, operation: VertexOperation) -> None:
        self._operations[operation.name] = operation
        if len(self._operations) > _MAX_OPERATIONS:
            self._operations.popitem(last=False)


def describe_operation(operation: VertexOperation) -> Json:
    """Return the operation as JSON."""
    times = {"createTime": format_timestamp(operation.created_at), "updateTime": format_timestamp(operation.updated_at)}
    metadata = {"@type": f"{_TYPES}{operation.kind}OperationMetadata", "genericMetadata": times}
    running: Json = {"name": operation.name, "metadata": metadata}
    return running if operation.response is None else running | {"done": True, "response": operation.response}


def with_type(kind: str, fields: Json) -> Json:
    """Return a message of Vertex AI with its `@type`."""
    return {"@type": f"{_TYPES}{kind}"} | fields
