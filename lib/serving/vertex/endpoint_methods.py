"""The methods of EndpointService: endpoints and their deployed models."""

import re
from collections.abc import Callable
from dataclasses import replace

from lib.serving.api_errors import invalid_field
from lib.serving.vertex.calls import VertexCall, list_page, passes_filter
from lib.serving.vertex.endpoints import Endpoint, Endpoints
from lib.serving.vertex.fields import Fields, Json
from lib.serving.vertex.registry import ModelRegistry
from lib.serving.vertex.resource_json import describe_deployed, describe_endpoint
from lib.serving.vertex.traffic import add_deployed_model, read_traffic, remove_deployed_model
from lib.serving.vertex.vertex_errors import already_exists, failed_precondition
from lib.serving.vertex.vertex_names import now, random_id
from lib.serving.vertex.vertex_operations import VertexOperations, describe_operation, with_type

_MAX_NAME_CHARACTERS = 128
_REQUESTED_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|[1-9][0-9]{0,8}")
_EMPTY = {"@type": "type.googleapis.com/google.protobuf.Empty"}


class EndpointMethods:
    """Endpoints. Deploying and undeploying take `deploy_takes_s`."""

    def __init__(
        self, registry: ModelRegistry, endpoints: Endpoints, operations: VertexOperations, deploy_takes_s: float
    ) -> None:
        self._registry = registry
        self._endpoints = endpoints
        self._operations = operations
        self._takes_s = deploy_takes_s

    def list_endpoints(self, call: VertexCall) -> Json:
        """Answer ListEndpoints."""
        call.query.allow_only("pageSize", "pageToken", "filter")
        text = call.query.text("filter")
        with self._operations.current_state():
            chosen = [endpoint for endpoint in self._endpoints.all() if passes_filter(text, _filter_fields(endpoint))]
        return list_page(call, "endpoints", chosen, lambda endpoint: describe_endpoint(endpoint, call.location))

    def get_endpoint(self, call: VertexCall) -> Json:
        """Answer GetEndpoint."""
        call.query.allow_only()
        with self._operations.current_state():
            return describe_endpoint(self._endpoints.get(call.variables["endpoints"]), call.location)

    def create_endpoint(self, call: VertexCall) -> Json:
        """Answer CreateEndpoint."""
        call.query.allow_only("endpointId")
        with self._operations.current_state():
            endpoint = _read_endpoint(call.body, self._read_requested_id(call.query) or random_id())
            self._endpoints.put(endpoint)
        name = f"{call.location}/endpoints/{endpoint.id}"
        response = with_type("Endpoint", describe_endpoint(endpoint, call.location))
        return describe_operation(self._operations.start(name, "CreateEndpoint", lambda: response))

    def update_endpoint(self, call: VertexCall) -> Json:
        """Answer UpdateEndpoint: set the fields named by `updateMask` to their values in the body."""
        call.query.allow_only("updateMask")
        with self._operations.current_state():
            changed = _update(self._get_idle(call), call.body, call.query.required_text("updateMask"))
            self._endpoints.put(changed)
        return describe_endpoint(changed, call.location)

    def delete_endpoint(self, call: VertexCall) -> Json:
        """Answer DeleteEndpoint, for an endpoint without deployed models."""
        call.query.allow_only()
        name = call.resource_name("endpoints")
        with self._operations.current_state():
            endpoint = self._get_idle(call)
            if endpoint.deployed:
                ids = ", ".join(deployed.id for deployed in endpoint.deployed)
                message = f"Endpoint `{name}` has deployed or being-deployed DeployedModel(s): {ids}."
                raise failed_precondition(name, message)
            self._endpoints.remove(endpoint.id)
        return describe_operation(self._operations.start(name, "Delete", lambda: _EMPTY))

    def deploy_model(self, call: VertexCall) -> Json:
        """Answer DeployModel."""
        with self._operations.current_state():
            changed = add_deployed_model(self._get_idle(call), call.body, self._registry)
            new = describe_deployed(changed.deployed[-1], call.location)
            changed.deployed[-1].version.served.runner.reset()
            return self._start(call, "DeployModel", changed, {"deployedModel": new})

    def undeploy_model(self, call: VertexCall) -> Json:
        """Answer UndeployModel."""
        with self._operations.current_state():
            changed = remove_deployed_model(self._get_idle(call), call.body)
            return self._start(call, "UndeployModel", changed, {})

    def _start(self, call: VertexCall, kind: str, changed: Endpoint, response: Json) -> Json:
        def finish() -> Json:
            self._endpoints.put(replace(changed, updated_at=now()))
            return with_type(f"{kind}Response", response)

        operation = self._operations.start(call.resource_name("endpoints"), kind, finish, self._takes_s)
        return describe_operation(operation)

    def _get_idle(self, call: VertexCall) -> Endpoint:
        """Return the endpoint if no operation runs on it: changes are made one at a time. Raises ApiError."""
        endpoint = self._endpoints.get(call.variables["endpoints"])
        running = self._operations.running_on(endpoint.id)
        if running:
            name = call.resource_name("endpoints")
            message = f"There are other operations running on the Endpoint `{name}`. Operation(s) are: {running[0]}."
            raise failed_precondition(name, message)
        return endpoint

    def _read_requested_id(self, query: Fields) -> str:
        requested_id = query.text("endpointId")
        if requested_id and not _REQUESTED_ID.fullmatch(requested_id):
            message = "endpointId must be up to 63 of a-z, 0-9 and -, starting with a letter, or up to 9 digits."
            raise invalid_field("endpointId", message)
        if self._endpoints.exists(requested_id):
            raise already_exists("Endpoint", requested_id)
        return requested_id


def _filter_fields(endpoint: Endpoint) -> dict[str, str]:
    return {"display_name": endpoint.display_name, "endpoint": endpoint.id}


def _read_endpoint(body: Fields, endpoint_id: str) -> Endpoint:
    """Return the new endpoint that the body of CreateEndpoint describes. Raises ApiError."""
    moment = now()
    return Endpoint(
        id=endpoint_id,
        display_name=_read_display_name(body),
        created_at=moment,
        updated_at=moment,
        description=body.text("description"),
        labels=body.texts("labels"),
    )


def _read_display_name(body: Fields) -> str:
    name = body.required_text("displayName")
    if len(name) > _MAX_NAME_CHARACTERS:
        raise invalid_field("displayName", f"displayName must be at most 128 characters, and has {len(name)}.")
    return name


def _update(endpoint: Endpoint, body: Fields, mask: str) -> Endpoint:
    for name in mask.split(","):
        if name not in _UPDATERS:
            raise invalid_field("updateMask", f"updateMask names {name!r:.40}: use {', '.join(_UPDATERS)}.")
        endpoint = _UPDATERS[name](endpoint, body)
    return replace(endpoint, updated_at=now())


def _with_traffic(endpoint: Endpoint, body: Fields) -> Endpoint:
    ids = [deployed.id for deployed in endpoint.deployed]
    return replace(endpoint, traffic=read_traffic(body.integers("trafficSplit"), ids))


_UPDATERS: dict[str, Callable[[Endpoint, Fields], Endpoint]] = {
    "displayName": lambda endpoint, body: replace(endpoint, display_name=_read_display_name(body)),
    "description": lambda endpoint, body: replace(endpoint, description=body.text("description")),
    "labels": lambda endpoint, body: replace(endpoint, labels=body.texts("labels")),
    "trafficSplit": _with_traffic,
}
_UPDATERS |= {"display_name": _UPDATERS["displayName"], "traffic_split": _UPDATERS["trafficSplit"]}
