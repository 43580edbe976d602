"""Long-running operations: done at once, or after a while, so that a caller sees them run."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from lib.serving.vertex.fields import Json
from lib.serving.vertex.vertex_errors import not_found
from lib.serving.vertex.vertex_names import fresh_id, now, rfc3339

_TYPES = "type.googleapis.com/google.cloud.aiplatform.v1."
# Old ones are forgotten, so that a service that runs for months does not grow.
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Operation:
    """A change of `resource`. `kind` is the start of its metadata's type; `response` is None until it is done."""

    name: str
    resource: str
    kind: str
    created_at: datetime
    updated_at: datetime
    response: Json | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    """An operation that runs until `due`, of the clock that never goes back."""

    operation: Operation
    due: float
    finish: Callable[[], Json]


class VertexOperations:
    """The operations of this process. Changes happen when they are due and somebody looks."""

    def __init__(self) -> None:
        self._operations: OrderedDict[str, Operation] = OrderedDict()
        self._pending: list[_Pending] = []
        self._lock = threading.RLock()

    @contextmanager
    def up_to_date(self) -> Iterator[None]:
        """All that is due has happened, and nothing else happens meanwhile."""
        with self._lock:
            due = [each for each in self._pending if each.due <= time.monotonic()]
            self._pending = [each for each in self._pending if each not in due]
            for each in due:
                self._finish(each.operation, each.finish)
            yield

    def start(self, resource: str, kind: str, finish: Callable[[], Json], takes_s: float = 0.0) -> Operation:
        """A new operation on the resource of this name; `finish` makes the change, and gives the response's JSON."""
        moment = now()
        operation = Operation(f"{resource}/operations/{fresh_id()}", resource, kind, moment, moment)
        with self.up_to_date():
            self._keep(operation)
            self._pending.append(_Pending(operation, time.monotonic() + takes_s, finish))
        return self.get(operation.name)

    def get(self, name: str) -> Operation:
        """The operation as it is now. Raises Refused."""
        with self.up_to_date():
            operation = self._operations.get(name)
        if operation is None:
            raise not_found("Operation", name)
        return operation

    def running_on(self, endpoint_id: str) -> Sequence[str]:
        """Names of the operations that are not done, on an endpoint under whatever project and region."""
        with self.up_to_date():
            running = [each.operation for each in self._pending]
        return [each.name for each in running if each.resource.endswith(f"/endpoints/{endpoint_id}")]

    def _finish(self, operation: Operation, finish: Callable[[], Json]) -> None:
        self._keep(replace(operation, updated_at=now(), response=finish()))

    def _keep(self, operation: Operation) -> None:
        self._operations[operation.name] = operation
        if len(self._operations) > _REMEMBERED:
            self._operations.popitem(last=False)


def describe_operation(operation: Operation) -> Json:
    """The operation as JSON."""
    times = {"createTime": rfc3339(operation.created_at), "updateTime": rfc3339(operation.updated_at)}
    metadata = {"@type": f"{_TYPES}{operation.kind}OperationMetadata", "genericMetadata": times}
    running: Json = {"name": operation.name, "metadata": metadata}
    return running if operation.response is None else running | {"done": True, "response": operation.response}


def typed(kind: str, fields: Json) -> Json:
    """A message of Vertex AI that says its own type."""
    return {"@type": f"{_TYPES}{kind}"} | fields
