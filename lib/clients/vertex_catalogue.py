"""What Vertex AI tells of models, endpoints and evaluations, read from its JSON."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.domain.evaluation import ConfusionCounts, Evaluation, OperatingPoint
from lib.domain.label import normalize_label, normalize_labels
from lib.domain.prediction import ModelVersion
from lib.domain.served_version import ServedVersion

Json = Mapping[str, Any]
VERTEX = "vertex"
_IMAGES = "image_classification"


@dataclass(frozen=True, slots=True)
class Deployed:
    """Where a version answers: the endpoint's name, the id of the deployment there, and on how many nodes it may be."""

    endpoint: str
    deployed_model_id: str
    nodes: int | None


def classifies_images(model: Json) -> bool:
    """Whether a model takes single images and gives labels; one that says nothing of its inputs may."""
    schemata = model.get("predictSchemata", {})
    says = (schemata.get("instanceSchemaUri", ""), model.get("metadataSchemaUri", ""))
    return any(_IMAGES in uri for uri in says) or not any(says)


def model_name_of(model: Json) -> str:
    """Name of a model in one version: `projects/P/locations/R/models/M@V`."""
    return f"{model['name'].partition('@')[0]}@{model.get('versionId', '1')}"


def read_version(model: Json, training: Json, deployed: Deployed | None) -> ServedVersion:
    """A version from its model resource, and from the inputs of the training pipeline that made it ({} for none)."""
    aliases = tuple(alias for alias in model.get("versionAliases", ()) if alias != "default")
    number = model.get("versionId", "1")
    inputs = training.get("trainingTaskInputs", {})
    created = model.get("versionCreateTime") or model.get("createTime") or ""
    return ServedVersion(
        version=ModelVersion(
            service=VERTEX,
            model_name=model_name_of(model),
            family=model.get("displayName") or model["name"].rpartition("/")[2],
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


def read_deployed(endpoints: Iterable[Json]) -> dict[str, Deployed]:
    """Where each version answers, by model name; of several places the one with the larger share of its traffic."""
    found: dict[str, tuple[int, Deployed]] = {}
    for endpoint in endpoints:
        for each in endpoint.get("deployedModels", ()):
            name = f"{each['model'].partition('@')[0]}@{each.get('modelVersionId', '1')}"
            share = int(endpoint.get("trafficSplit", {}).get(each["id"], 0))
            place = Deployed(endpoint["name"], each["id"], _read_nodes(each))
            if name not in found or share > found[name][0]:
                found[name] = (share, place)
    return {name: place for name, (_, place) in found.items()}


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
