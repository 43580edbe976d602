"""Models, training pipelines and endpoints as JSON. Source of the fields: Vertex AI's REST reference."""

from collections.abc import Sequence

from lib.serving.vertex.endpoints import DeployedModel, Endpoint
from lib.serving.vertex.fields import Json
from lib.serving.vertex.registry import VertexModel, VertexVersion
from lib.serving.vertex.vertex_names import format_timestamp, stable_id

_SCHEMAS = "https://storage.googleapis.com/google-cloud-aiplatform/schema"


def describe_model(
    model: VertexModel, version: VertexVersion, name: str, endpoints: Sequence[Endpoint], location: str
) -> Json:
    """Return a model version under the resource name `name`. `endpoints` are all that may have it deployed."""
    export = version.served.export
    return {
        "name": name,
        "versionId": version.id,
        "versionAliases": list(version.aliases),
        "versionCreateTime": format_timestamp(export.changed_at),
        "versionUpdateTime": format_timestamp(export.changed_at),
        "displayName": model.display_name,
        "versionDescription": version.served.version,
        "predictSchemata": {
            "instanceSchemaUri": f"{_SCHEMAS}/predict/instance/image_classification_1.0.0.yaml",
            "parametersSchemaUri": f"{_SCHEMAS}/predict/params/image_classification_1.0.0.yaml",
            "predictionSchemaUri": f"{_SCHEMAS}/predict/prediction/classification_1.0.0.yaml",
        },
        "metadataSchemaUri": f"{_SCHEMAS}/model/metadata/automl_image_classification_1.0.0.yaml",
        "metadata": {"modelType": _model_type(export.model_type)},
        "supportedExportFormats": [{"id": "tflite", "exportableContents": ["ARTIFACT"]}],
        "supportedDeploymentResourcesTypes": ["AUTOMATIC_RESOURCES"],
        "createTime": format_timestamp(model.created_at),
        "updateTime": format_timestamp(model.updated_at),
        "trainingPipeline": f"{location}/trainingPipelines/{pipeline_id(version)}",
        "deployedModels": _deployed_on(version, endpoints, location),
        "etag": export.etag,
        "modelSourceInfo": {"sourceType": "AUTOML"},
    }


def pipeline_id(version: VertexVersion) -> str:
    """Return the ID of the training pipeline of a version."""
    return stable_id(f"vertex training {version.served.family}/{version.served.version}")


def describe_training(version: VertexVersion, name: str) -> Json:
    """Return the training pipeline under the resource name `name`.

    Only the pipeline states the model type and whether a model is multi-label.
    """
    export = version.served.export
    return {
        "name": name,
        "displayName": f"{version.served.family} {version.served.version}",
        "trainingTaskDefinition": f"{_SCHEMAS}/trainingjob/definition/automl_image_classification_1.0.0.yaml",
        "trainingTaskInputs": {
            "modelType": _model_type(export.model_type),
            "multiLabel": version.served.multi_label,
        },
        "state": "PIPELINE_STATE_SUCCEEDED",
        "createTime": format_timestamp(export.changed_at),
        "endTime": format_timestamp(export.changed_at),
        "updateTime": format_timestamp(export.changed_at),
    }


def describe_endpoint(endpoint: Endpoint, location: str) -> Json:
    """Return an endpoint under `location`. Empty fields are omitted, as in JSON from protobuf."""
    fields = {
        "name": f"{location}/endpoints/{endpoint.id}",
        "displayName": endpoint.display_name,
        "description": endpoint.description,
        "deployedModels": [describe_deployed(deployed, location) for deployed in endpoint.deployed],
        "trafficSplit": dict(endpoint.traffic),
        "etag": endpoint.etag,
        "labels": dict(endpoint.labels),
        "createTime": format_timestamp(endpoint.created_at),
        "updateTime": format_timestamp(endpoint.updated_at),
    }
    return {name: value for name, value in fields.items() if value}


def describe_deployed(deployed: DeployedModel, location: str) -> Json:
    """Return a deployed model."""
    resources = {"minReplicaCount": deployed.min_replicas, "maxReplicaCount": deployed.max_replicas}
    return {
        "id": deployed.id,
        "model": f"{location}/models/{deployed.version.model_id}",
        "modelVersionId": deployed.version.id,
        "displayName": deployed.display_name,
        "createTime": format_timestamp(deployed.created_at),
        "automaticResources": {name: count for name, count in resources.items() if count is not None},
    }


def _model_type(automl_type: str) -> str:
    """Return Vertex AI's name of a model type: `mobile-versatile-1` is `MOBILE_TF_VERSATILE_1`."""
    return automl_type.upper().replace("-", "_").replace("MOBILE_", "MOBILE_TF_")


def _deployed_on(version: VertexVersion, endpoints: Sequence[Endpoint], location: str) -> list[Json]:
    return [
        {"endpoint": f"{location}/endpoints/{endpoint.id}", "deployedModelId": deployed.id}
        for endpoint in endpoints
        for deployed in endpoint.deployed
        if (deployed.version.model_id, deployed.version.id) == (version.model_id, version.id)
    ]
