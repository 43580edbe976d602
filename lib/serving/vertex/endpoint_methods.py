"""The methods of EndpointService: endpoints, and what is deployed on them."""

import re
from collections.abc import Callable
from dataclasses import replace

from lib.serving.api_errors import invalid_field
from lib.serving.vertex.descriptions import describe_deployed, describe_endpoint
from lib.serving.vertex.endpoints import Endpoint, Endpoints
from lib.serving.vertex.fields import Call, Fields, Json, list_page, passes_filter
from lib.serving.vertex.registry import Registry
from lib.serving.vertex.traffic import read_traffic, with_deployed, without_deployed
from lib.serving.vertex.vertex_errors import already_exists, precondition
from lib.serving.vertex.vertex_names import fresh_id, now
from lib.serving.vertex.vertex_operations import VertexOperations, describe_operation, typed

_LONGEST_NAME = 128
_OWN_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|[1-9][0-9]{0,8}")
_EMPTY = {"@type": "type.googleapis.com/google.protobuf.Empty"}


class EndpointMethods:
    """Endpoints as they are asked for; deploying and undeploying take `deploy_takes_s`."""

    def __init__(
        self, registry: Registry, endpoints: Endpoints, operations: VertexOperations, deploy_takes_s: float
    ) -> None:
        self._registry = registry
        self._endpoints = endpoints
        self._operations = operations
        self._takes_s = deploy_takes_s

    def list_endpoints(self, call: Call) -> Json:
        """Answer ListEndpoints."""
        call.query.only("pageSize", "pageToken", "filter")
        text = call.query.text("filter")
        with self._operations.up_to_date():
            chosen = [each for each in self._endpoints.all() if passes_filter(text, _filterable(each))]
        return list_page(call, "endpoints", chosen, lambda endpoint: describe_endpoint(endpoint, call.location))

    def get_endpoint(self, call: Call) -> Json:
        """Answer GetEndpoint."""
        call.query.only()
        with self._operations.up_to_date():
            return describe_endpoint(self._endpoints.get(call.variables["endpoints"]), call.location)

    def create_endpoint(self, call: Call) -> Json:
        """Answer CreateEndpoint."""
        call.query.only("endpointId")
        with self._operations.up_to_date():
            endpoint = _read_endpoint(call.body, self._read_own_id(call.query) or fresh_id())
            self._endpoints.put(endpoint)
        name = f"{call.location}/endpoints/{endpoint.id}"
        response = typed("Endpoint", describe_endpoint(endpoint, call.location))
        return describe_operation(self._operations.start(name, "CreateEndpoint", lambda: response))

    def update_endpoint(self, call: Call) -> Json:
        """Answer UpdateEndpoint: what `updateMask` names becomes what the body says."""
        call.query.only("updateMask")
        with self._operations.up_to_date():
            changed = _updated(self._get_idle(call), call.body, call.query.needed_text("updateMask"))
            self._endpoints.put(changed)
        return describe_endpoint(changed, call.location)

    def delete_endpoint(self, call: Call) -> Json:
        """Answer DeleteEndpoint: an endpoint on which nothing is deployed."""
        call.query.only()
        name = call.name_of("endpoints")
        with self._operations.up_to_date():
            endpoint = self._get_idle(call)
            if endpoint.deployed:
                ids = ", ".join(deployed.id for deployed in endpoint.deployed)
                sentence = f"Endpoint `{name}` has deployed or being-deployed DeployedModel(s): {ids}."
                raise precondition(name, sentence)
            self._endpoints.remove(endpoint.id)
        return describe_operation(self._operations.start(name, "Delete", lambda: _EMPTY))

    def deploy_model(self, call: Call) -> Json:
        """Answer DeployModel."""
        with self._operations.up_to_date():
            changed = with_deployed(self._get_idle(call), call.body, self._registry)
            new = describe_deployed(changed.deployed[-1], call.location)
            changed.deployed[-1].version.served.runner.put_back()
            return self._start(call, "DeployModel", changed, {"deployedModel": new})

    def undeploy_model(self, call: Call) -> Json:
        """Answer UndeployModel."""
        with self._operations.up_to_date():
            changed = without_deployed(self._get_idle(call), call.body)
            return self._start(call, "UndeployModel", changed, {})

    def _start(self, call: Call, kind: str, changed: Endpoint, response: Json) -> Json:
        def finish() -> Json:
            self._endpoints.put(replace(changed, updated_at=now()))
            return typed(f"{kind}Response", response)

        operation = self._operations.start(call.name_of("endpoints"), kind, finish, self._takes_s)
        return describe_operation(operation)

    def _get_idle(self, call: Call) -> Endpoint:
        """The endpoint, on which no other operation runs: changes come one after the other."""
        endpoint = self._endpoints.get(call.variables["endpoints"])
        running = self._operations.running_on(endpoint.id)
        if running:
            name = call.name_of("endpoints")
            sentence = f"There are other operations running on the Endpoint `{name}`. Operation(s) are: {running[0]}."
            raise precondition(name, sentence)
        return endpoint

    def _read_own_id(self, query: Fields) -> str:
        own = query.text("endpointId")
        if own and not _OWN_ID.fullmatch(own):
            sentence = "endpointId must be up to 63 of a-z, 0-9 and -, from a letter on, or up to 9 digits."
            raise invalid_field("endpointId", sentence)
        if self._endpoints.exists(own):
            raise already_exists("Endpoint", own)
        return own


def _filterable(endpoint: Endpoint) -> dict[str, str]:
    return {"display_name": endpoint.display_name, "endpoint": endpoint.id}


def _read_endpoint(body: Fields, endpoint_id: str) -> Endpoint:
    """A new endpoint as CreateEndpoint's body has it."""
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
    name = body.needed_text("displayName")
    if len(name) > _LONGEST_NAME:
        raise invalid_field("displayName", f"displayName must be at most 128 characters, and has {len(name)}.")
    return name


def _updated(endpoint: Endpoint, body: Fields, mask: str) -> Endpoint:
    for name in mask.split(","):
        if name not in _READERS:
            raise invalid_field("updateMask", f"updateMask names {name!r:.40}: use {', '.join(_READERS)}.")
        endpoint = _READERS[name](endpoint, body)
    return replace(endpoint, updated_at=now())


def _with_traffic(endpoint: Endpoint, body: Fields) -> Endpoint:
    ids = [deployed.id for deployed in endpoint.deployed]
    return replace(endpoint, traffic=read_traffic(body.wholes("trafficSplit"), ids))


_READERS: dict[str, Callable[[Endpoint, Fields], Endpoint]] = {
    "displayName": lambda endpoint, body: replace(endpoint, display_name=_read_display_name(body)),
    "description": lambda endpoint, body: replace(endpoint, description=body.text("description")),
    "labels": lambda endpoint, body: replace(endpoint, labels=body.texts("labels")),
    "trafficSplit": _with_traffic,
}
_READERS |= {"display_name": _READERS["displayName"], "traffic_split": _READERS["trafficSplit"]}
