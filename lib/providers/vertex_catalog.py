"""What Vertex AI tells of models, endpoints and evaluations, read from its JSON."""

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
    """Where a version answers: the endpoint, the id of the deployment there, and on how many nodes it may be."""

    endpoint: ResourceName
    deployed_model_id: str
    nodes: int | None


def classifies_images(model: Json) -> bool:
    """Whether a model takes single images and gives labels; one that says nothing of its inputs may."""
    schemata = model.get("predictSchemata", {})
    says = (schemata.get("instanceSchemaUri", ""), model.get("metadataSchemaUri", ""))
    return any(_IMAGES in uri for uri in says) or not any(says)


def read_version(name: ResourceName, model: Json, training: Json, deployed: DeployedVersion | None) -> ServedVersion:
    """A version from its model resource, and from the inputs of the training pipeline that made it ({} for none)."""
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
    """Where each version answers; of several places the one with the larger share of its traffic.

    `read_endpoint` checks the name of an endpoint. What is deployed there under no model's name is left out.
    """
    found: dict[ResourceName, tuple[int, DeployedVersion]] = {}
    for endpoint in endpoints:
        where = read_endpoint(endpoint.get("name"))
        for each in endpoint.get("deployedModels", ()):
            try:
                name = ResourceName.parse(each.get("model"), "models")
                model = name.with_version(str(each.get("modelVersionId", "1")))
            except InvalidName:
                continue
            share = int(endpoint.get("trafficSplit", {}).get(each["id"], 0))
            if model not in found or share > found[model][0]:
                found[model] = (share, DeployedVersion(where, each["id"], _read_nodes(each)))
    return {model: place for model, (_, place) in found.items()}


def read_time(text: str) -> datetime | None:
    """A moment as Google writes it (RFC 3339, up to nine digits of a second)."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)) if text else None


def read_evaluation(evaluation: Json, slices: Sequence[Json]) -> list[Evaluation]:
    """An evaluation over all labels, and those of its slices that are labels, in the order of the alphabet."""
    labels = [(normalize_label(each.get("slice", {}).get("value", "")), each.get("metrics", {})) for each in slices]
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
