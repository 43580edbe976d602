"""Endpoints, and the versions that are deployed on them; the state is this process's, the same for all projects."""

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lib.serving.vertex.registry import Model, Version
from lib.serving.vertex.vertex_errors import not_found, precondition
from lib.serving.vertex.vertex_names import stable_id

# Any step that shares no divisor with 100 visits all hundred shares before it comes back.
_STEP = 37


@dataclass(frozen=True, slots=True)
class DeployedModel:
    """A version on an endpoint. `most_replicas` is None where nothing was said."""

    id: str
    version: Version
    display_name: str
    created_at: datetime
    least_replicas: int = 1
    most_replicas: int | None = 1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place to ask. `traffic` says for each deployed id how many of a hundred calls it gets; it may be empty."""

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
    """All endpoints, oldest first, safe to ask from any thread."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = OrderedDict((endpoint.id, endpoint) for endpoint in endpoints)
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def all(self) -> Sequence[Endpoint]:
        """Every endpoint as it is now."""
        with self._lock:
            return tuple(self._endpoints.values())

    def exists(self, endpoint_id: str) -> bool:
        """Whether there is an endpoint of this id."""
        with self._lock:
            return endpoint_id in self._endpoints

    def get(self, endpoint_id: str) -> Endpoint:
        """The endpoint of this id. Raises Refused."""
        with self._lock:
            endpoint = self._endpoints.get(endpoint_id)
        if endpoint is None:
            raise not_found("Endpoint", endpoint_id)
        return endpoint

    def put(self, endpoint: Endpoint) -> None:
        """Keep an endpoint, new or in place of the one with its id."""
        with self._lock:
            self._endpoints[endpoint.id] = endpoint

    def remove(self, endpoint_id: str) -> None:
        """Forget an endpoint."""
        with self._lock:
            self._endpoints.pop(endpoint_id, None)
            self._calls.pop(endpoint_id, None)

    def choose(self, endpoint_id: str) -> DeployedModel:
        """The deployed version that answers the next call: of every hundred, each gets its share. Raises Refused."""
        endpoint = self.get(endpoint_id)
        if not endpoint.traffic:
            raise precondition(endpoint_id, f"Endpoint {endpoint_id} doesn't have traffic_split.")
        with self._lock:
            turn = self._calls[endpoint_id]
            self._calls[endpoint_id] += 1
        return _at_share(endpoint, turn * _STEP % 100)


def first_endpoints(models: Sequence[Model]) -> list[Endpoint]:
    """One endpoint for each version, so that every version can be asked from the start on."""
    return [_first_endpoint(model, version) for model in models for version in model.versions]


def _first_endpoint(model: Model, version: Version) -> Endpoint:
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


def _at_share(endpoint: Endpoint, share: int) -> DeployedModel:
    """Who owns the share of this number, from 0 to 99, when the shares are handed out in order."""
    by_id = {deployed.id: deployed for deployed in endpoint.deployed}
    owners = [deployed_id for deployed_id, percent in endpoint.traffic.items() for _ in range(percent)]
    return by_id[owners[share]]
