"""Endpoints and the model versions deployed on them. The state is kept in memory and shared by all projects."""

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lib.serving.vertex.registry import VertexModel, VertexVersion
from lib.serving.vertex.vertex_errors import failed_precondition, vertex_not_found
from lib.serving.vertex.vertex_names import stable_id

# Any step that is coprime to 100 visits all hundred slots before it repeats.
_STEP = 37


@dataclass(frozen=True, slots=True)
class DeployedModel:
    """A model version on an endpoint. `max_replicas` is None if the request did not set it."""

    id: str
    version: VertexVersion
    display_name: str
    created_at: datetime
    min_replicas: int = 1
    max_replicas: int | None = 1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint. `traffic` maps the IDs of deployed models to percentages of the calls; it may be empty."""

    id: str
    display_name: str
    created_at: datetime
    updated_at: datetime
    deployed: tuple[DeployedModel, ...] = ()
    traffic: Mapping[str, int] = field(default_factory=dict)
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """Changes whenever the endpoint does."""
        return hashlib.sha256(f"{self.id} {self.updated_at.isoformat()}".encode()).hexdigest()[:24]


class Endpoints:
    """All endpoints, oldest first. Thread-safe."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = OrderedDict((endpoint.id, endpoint) for endpoint in endpoints)
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def all(self) -> Sequence[Endpoint]:
        """Return all endpoints."""
        with self._lock:
            return tuple(self._endpoints.values())

    def exists(self, endpoint_id: str) -> bool:
        """Report whether an endpoint has this ID."""
        with self._lock:
            return endpoint_id in self._endpoints

    def get(self, endpoint_id: str) -> Endpoint:
        """Return the endpoint with this ID. Raises ApiError."""
        with self._lock:
            endpoint = self._endpoints.get(endpoint_id)
        if endpoint is None:
            raise vertex_not_found("Endpoint", endpoint_id)
        return endpoint

    def put(self, endpoint: Endpoint) -> None:
        """Add an endpoint, or replace the one with the same ID."""
        with self._lock:
            self._endpoints[endpoint.id] = endpoint

    def remove(self, endpoint_id: str) -> None:
        """Remove an endpoint."""
        with self._lock:
            self._endpoints.pop(endpoint_id, None)
            self._calls.pop(endpoint_id, None)

    def route_call(self, endpoint_id: str) -> DeployedModel:
        """Return the deployed model for the next call, by traffic split over every hundred calls. Raises ApiError."""
        endpoint = self.get(endpoint_id)
        if not endpoint.traffic:
            raise failed_precondition(endpoint_id, f"Endpoint {endpoint_id} doesn't have traffic_split.")
        with self._lock:
            turn = self._calls[endpoint_id]
            self._calls[endpoint_id] += 1
        return _owner_of_slot(endpoint, turn * _STEP % 100)


def make_endpoints(models: Sequence[VertexModel]) -> list[Endpoint]:
    """Return one endpoint per version, so that every version accepts predictions from the start."""
    return [_make_endpoint(model, version) for model in models for version in model.versions]


def _make_endpoint(model: VertexModel, version: VertexVersion) -> Endpoint:
    name = f"{model.display_name}-{version.served.version}"
    deployed = DeployedModel(
        id=stable_id(f"deployed {model.display_name}/{version.served.version}"),
        version=version,
        display_name=name,
        created_at=version.served.export.changed_at,
    )
    return Endpoint(
        id=stable_id(f"endpoint {model.display_name}/{version.served.version}"),
        display_name=name,
        created_at=deployed.created_at,
        updated_at=deployed.created_at,
        deployed=(deployed,),
        traffic={deployed.id: 100},
    )


def _owner_of_slot(endpoint: Endpoint, slot: int) -> DeployedModel:
    """Return the deployed model of a slot from 0 to 99, with slots assigned in the order of the traffic split."""
    by_id = {deployed.id: deployed for deployed in endpoint.deployed}
    owners = [deployed_id for deployed_id, percent in endpoint.traffic.items() for _ in range(percent)]
    return by_id[owners[slot]]
