"""What an endpoint becomes when a version is put on it or taken off, and who gets its calls."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from lib.serving.api_errors import invalid_field
from lib.serving.vertex.endpoints import DeployedModel, Endpoint
from lib.serving.vertex.fields import Fields
from lib.serving.vertex.registry import Registry
from lib.serving.vertex.vertex_errors import already_exists, not_found, precondition
from lib.serving.vertex.vertex_names import fresh_id, now, read_model_name

# What stands for the id of the version that is being deployed, which nobody knows yet.
_NEW = "0"
_OWN_ID = re.compile("[0-9]{1,10}")
_OTHER_RESOURCES = ("dedicatedResources", "sharedResources")


def with_deployed(endpoint: Endpoint, body: Fields, registry: Registry) -> Endpoint:
    """The endpoint with one more version, the last of its `deployed`, as a DeployModelRequest asks. Raises Refused."""
    body.only("deployedModel", "trafficSplit")
    new = _read_deployed(body.inner("deployedModel"), endpoint, registry)
    asked = {new.id if key == _NEW else key: percent for key, percent in body.wholes("trafficSplit").items()}
    deployed = (*endpoint.deployed, new)
    traffic = read_traffic(asked, [each.id for each in deployed]) if asked else endpoint.traffic
    return replace(endpoint, deployed=deployed, traffic=traffic)


def without_deployed(endpoint: Endpoint, body: Fields) -> Endpoint:
    """The endpoint without one of its versions, as an UndeployModelRequest asks. Raises Refused."""
    body.only("deployedModelId", "trafficSplit")
    gone = body.needed_text("deployedModelId")
    left = tuple(each for each in endpoint.deployed if each.id != gone)
    if len(left) == len(endpoint.deployed):
        raise not_found("DeployedModel", gone)
    if not left:
        return replace(endpoint, deployed=(), traffic={})
    asked = body.wholes("trafficSplit")
    traffic = read_traffic(asked, [each.id for each in endpoint.deployed]) if asked else endpoint.traffic
    if traffic.get(gone):
        sentence = f"DeployedModel {gone} gets {traffic[gone]}% of the traffic: give it to others with trafficSplit."
        raise precondition(gone, sentence)
    return replace(endpoint, deployed=left, traffic=_without(traffic, gone))


def read_traffic(percents: Mapping[str, int], ids: Collection[str]) -> dict[str, int]:
    """A traffic split over the deployed `ids`; it may be empty, for an endpoint that takes no calls. Raises Refused."""
    for key, percent in percents.items():
        if key not in ids:
            raise invalid_field("trafficSplit", f"trafficSplit names {key!r:.40}, which is not deployed here.")
        if not 0 <= percent <= 100:
            raise invalid_field("trafficSplit", f"trafficSplit gives {percent}% to {key}; it must be from 0 to 100.")
    if percents and sum(percents.values()) != 100:
        sentence = f"The traffic percentage values must add up to 100, and add up to {sum(percents.values())}."
        raise invalid_field("trafficSplit", sentence)
    return dict(percents)


def _read_deployed(fields: Fields, endpoint: Endpoint, registry: Registry) -> DeployedModel:
    version = registry.get_version(read_model_name(fields.needed_text("model"), "deployedModel.model"))
    least, most = _read_replicas(fields)
    return DeployedModel(
        id=_read_own_id(fields, endpoint) or fresh_id(),
        version=version,
        display_name=fields.text("displayName") or version.served.family,
        created_at=now(),
        least_replicas=least,
        most_replicas=most,
    )


def _read_own_id(fields: Fields, endpoint: Endpoint) -> str:
    own = fields.text("id")
    # 0 stands for the new one in a traffic split, and so cannot be an id.
    if own and (own == _NEW or not _OWN_ID.fullmatch(own)):
        raise invalid_field("deployedModel.id", "deployedModel.id must be 1 to 10 digits, and not 0.")
    if own in {each.id for each in endpoint.deployed}:
        raise already_exists("DeployedModel", own)
    return own


def _read_replicas(fields: Fields) -> tuple[int, int | None]:
    """The least and the most replicas: how many there are is of no matter here, but what is asked must make sense."""
    for name in _OTHER_RESOURCES:
        if fields.has(name):
            raise invalid_field(f"deployedModel.{name}", f"Edge models take automaticResources, not {name}.")
    if not fields.has("automaticResources"):
        raise invalid_field("deployedModel.automaticResources", "deployedModel.automaticResources is required.")
    resources = fields.inner("automaticResources")
    least, most = resources.whole("minReplicaCount", 1), resources.whole("maxReplicaCount", 0)
    if least < 1 or (most and most < least) or most < 0:
        sentence = f"minReplicaCount must be at least 1, and maxReplicaCount not below it; got {least} and {most}."
        raise invalid_field("deployedModel.automaticResources", sentence)
    return least, most or None


def _without(traffic: Mapping[str, int], gone: str) -> dict[str, int]:
    return {key: percent for key, percent in traffic.items() if key != gone}
