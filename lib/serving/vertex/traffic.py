"""Changes of an endpoint: adding and removing deployed models, and splitting traffic among them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from lib.serving.api_errors import invalid_field
from lib.serving.vertex.endpoints import DeployedModel, Endpoint
from lib.serving.vertex.fields import Fields
from lib.serving.vertex.registry import ModelRegistry
from lib.serving.vertex.vertex_errors import already_exists, failed_precondition, vertex_not_found
from lib.serving.vertex.vertex_names import now, parse_vertex_model_name, random_id

# In a traffic split, stands for the model that is being deployed, whose ID the caller does not know yet.
_NEW = "0"
_REQUESTED_ID = re.compile("[0-9]{1,10}")
_OTHER_RESOURCES = ("dedicatedResources", "sharedResources")


def add_deployed_model(endpoint: Endpoint, body: Fields, registry: ModelRegistry) -> Endpoint:
    """Apply a DeployModelRequest: return the endpoint with one more deployed model, the last one. Raises ApiError."""
    body.allow_only("deployedModel", "trafficSplit")
    new = _read_deployed(body.inner("deployedModel"), endpoint, registry)
    requested = {new.id if key == _NEW else key: percent for key, percent in body.integers("trafficSplit").items()}
    deployed = (*endpoint.deployed, new)
    traffic = read_traffic(requested, [model.id for model in deployed]) if requested else endpoint.traffic
    return replace(endpoint, deployed=deployed, traffic=traffic)


def remove_deployed_model(endpoint: Endpoint, body: Fields) -> Endpoint:
    """Apply an UndeployModelRequest: return the endpoint without one of its deployed models. Raises ApiError."""
    body.allow_only("deployedModelId", "trafficSplit")
    removed_id = body.required_text("deployedModelId")
    remaining = tuple(deployed for deployed in endpoint.deployed if deployed.id != removed_id)
    if len(remaining) == len(endpoint.deployed):
        raise vertex_not_found("DeployedModel", removed_id)
    if not remaining:
        return replace(endpoint, deployed=(), traffic={})
    requested = body.integers("trafficSplit")
    traffic = (
        read_traffic(requested, [deployed.id for deployed in endpoint.deployed]) if requested else endpoint.traffic
    )
    if traffic.get(removed_id):
        share = traffic[removed_id]
        message = f"DeployedModel {removed_id} receives {share}% of the traffic. Give it to others with trafficSplit."
        raise failed_precondition(removed_id, message)
    return replace(endpoint, deployed=remaining, traffic=_without_key(traffic, removed_id))


def read_traffic(percents: Mapping[str, int], ids: Collection[str]) -> dict[str, int]:
    """Return a valid traffic split over the deployed `ids`; an empty one stops all calls. Raises ApiError."""
    for key, percent in percents.items():
        if key not in ids:
            raise invalid_field("trafficSplit", f"trafficSplit names {key!r:.40}, which is not deployed here.")
        if not 0 <= percent <= 100:
            raise invalid_field("trafficSplit", f"trafficSplit assigns {percent}% to {key}; it must be from 0 to 100.")
    if percents and sum(percents.values()) != 100:
        message = f"The traffic percentage values must add up to 100, and add up to {sum(percents.values())}."
        raise invalid_field("trafficSplit", message)
    return dict(percents)


def _read_deployed(fields: Fields, endpoint: Endpoint, registry: ModelRegistry) -> DeployedModel:
    version = registry.get_version(parse_vertex_model_name(fields.required_text("model"), "deployedModel.model"))
    minimum, maximum = _read_replicas(fields)
    return DeployedModel(
        id=_read_requested_id(fields, endpoint) or random_id(),
        version=version,
        display_name=fields.text("displayName") or version.served.family,
        created_at=now(),
        min_replicas=minimum,
        max_replicas=maximum,
    )


def _read_requested_id(fields: Fields, endpoint: Endpoint) -> str:
    requested_id = fields.text("id")
    # 0 stands for the new model in a traffic split, and so cannot be an ID.
    if requested_id and (requested_id == _NEW or not _REQUESTED_ID.fullmatch(requested_id)):
        raise invalid_field("deployedModel.id", "deployedModel.id must be 1 to 10 digits, and not 0.")
    if requested_id in {deployed.id for deployed in endpoint.deployed}:
        raise already_exists("DeployedModel", requested_id)
    return requested_id


def _read_replicas(fields: Fields) -> tuple[int, int | None]:
    """Return the minimum and maximum number of replicas, which have no effect here but must be valid."""
    for name in _OTHER_RESOURCES:
        if fields.has(name):
            raise invalid_field(f"deployedModel.{name}", f"Edge models take automaticResources, not {name}.")
    if not fields.has("automaticResources"):
        raise invalid_field("deployedModel.automaticResources", "deployedModel.automaticResources is required.")
    resources = fields.inner("automaticResources")
    minimum, maximum = resources.integer("minReplicaCount", 1), resources.integer("maxReplicaCount", 0)
    if minimum < 1 or (maximum and maximum < minimum) or maximum < 0:
        message = f"minReplicaCount must be at least 1, and maxReplicaCount not below it; got {minimum} and {maximum}."
        raise invalid_field("deployedModel.automaticResources", message)
    return minimum, maximum or None


def _without_key(traffic: Mapping[str, int], removed_id: str) -> dict[str, int]:
    return {key: percent for key, percent in traffic.items() if key != removed_id}
