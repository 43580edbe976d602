"""Models, endpoints and evaluations of Vertex AI, read from its JSON."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.domain.annotations import normalize_label, normalize_labels
from lib.domain.models import ConfusionCounts, Evaluation, OperatingPoint, ServedVersion
from lib.domain.predictions import ModelVersion
from lib.errors import InvalidName
from lib.providers.resource_names import ResourceName

Json = Mapping[str, Any]
VERTEX = "vertex"
_IMAGES = "image_classification"


@dataclass(frozen=True, slots=True)
class DeployedVersion:
    """The endpoint that serves a version, the id of the deployment there, and its number of nodes."""

    endpoint: ResourceName
    deployed_model_id: str
    nodes: int | None


def classifies_images(model: Json) -> bool:
    """Report whether a model classifies images. Without schemas, it may."""
    schemata = model.get("predictSchemata", {})
    uris = (schemata.get("instanceSchemaUri", ""), model.get("metadataSchemaUri", ""))
    return any(_IMAGES in uri for uri in uris) or not any(uris)


def read_version(name: ResourceName, model: Json, training: Json, deployed: DeployedVersion | None) -> ServedVersion:
    """Return a version from its model resource and its training pipeline ({} for none)."""
    aliases = tuple(alias for alias in model.get("versionAliases", ()) if alias != "default")
    number = model.get("versionId", "1")
    inputs = training.get("trainingTaskInputs", {})
    created = model.get("versionCreateTime") or model.get("createTime") or ""
    return ServedVersion(
        version=ModelVersion(
            provider=VERTEX,
            model_name=str(name),
            family=model.get("displayName") or name.id,
            version=aliases[0] if aliases else f"version {number}",
            # Versions never change; a model's etag also changes when somebody edits its description.
            etag=created,
            deployed=deployed is not None,
        ),
        created_at=read_time(created),
        kind=str(inputs.get("modelType", "")).lower().replace("_", "-"),
        multi_label=inputs.get("multiLabel"),
        nodes=deployed.nodes if deployed else None,
        aliases=tuple(model.get("versionAliases", ())),
        expires=True,
    )


def read_deployed(
    endpoints: Iterable[Json], read_endpoint: Callable[[object], ResourceName]
) -> dict[ResourceName, DeployedVersion]:
    """Return where each version is deployed; of several endpoints, the one with the largest share of traffic.

    `read_endpoint` checks an endpoint's name. Deployments without a valid model name are left out.
    """
    found: dict[ResourceName, tuple[int, DeployedVersion]] = {}
    for endpoint in endpoints:
        name_of_endpoint = read_endpoint(endpoint.get("name"))
        for deployed in endpoint.get("deployedModels", ()):
            try:
                name = ResourceName.parse(deployed.get("model"), "models")
                model = name.with_version(str(deployed.get("modelVersionId", "1")))
            except InvalidName:
                continue
            share = int(endpoint.get("trafficSplit", {}).get(deployed["id"], 0))
            if model not in found or share > found[model][0]:
                found[model] = (share, DeployedVersion(name_of_endpoint, deployed["id"], _read_nodes(deployed)))
    return {model: deployed for model, (_, deployed) in found.items()}


def read_time(text: str) -> datetime | None:
    """Parse a time as Google writes it: RFC 3339 with up to nine digits of a second."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)) if text else None


def read_evaluation(evaluation: Json, slices: Sequence[Json]) -> list[Evaluation]:
    """Return the evaluation over all labels, then those of its slices, label by label in alphabetical order."""
    labels = [(normalize_label(part.get("slice", {}).get("value", "")), part.get("metrics", {})) for part in slices]
    return [_read(None, evaluation.get("metrics", {})), *(_read(label, metrics) for label, metrics in sorted(labels))]


def _read(label: str | None, metrics: Json) -> Evaluation:
    points = [
        OperatingPoint(entry.get("confidenceThreshold", 0.0), entry.get("precision", 0.0), entry.get("recall", 0.0))
        for entry in metrics.get("confidenceMetrics", ())
    ]
    return Evaluation(
        label=label,
        examples=None,
        au_prc=metrics.get("auPrc"),
        au_roc=metrics.get("auRoc"),
        log_loss=metrics.get("logLoss"),
        points=tuple(sorted(points, key=lambda point: point.threshold)),
        confusion=_read_confusion(metrics.get("confusionMatrix", {})),
    )


def _read_confusion(matrix: Json) -> ConfusionCounts | None:
    rows = matrix.get("rows", ())
    if not rows:
        return None
    labels = normalize_labels(
        spec.get("displayName") or spec.get("id", "") for spec in matrix.get("annotationSpecs", ())
    )
    return ConfusionCounts(labels, tuple(tuple(int(count) for count in row) for row in rows))


def _read_nodes(deployed: Json) -> int | None:
    resources = deployed.get("automaticResources") or deployed.get("dedicatedResources") or {}
    return resources.get("minReplicaCount")
