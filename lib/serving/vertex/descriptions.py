"""Models and endpoints as JSON, field by field after the reference of Vertex AI."""

from collections.abc import Sequence

from lib.serving.vertex.endpoints import DeployedModel, Endpoint
from lib.serving.vertex.fields import Json
from lib.serving.vertex.registry import Model, Version
from lib.serving.vertex.vertex_names import rfc3339, stable_id

_SCHEMAS = "https://storage.googleapis.com/google-cloud-aiplatform/schema"


def describe_model(model: Model, version: Version, name: str, endpoints: Sequence[Endpoint], location: str) -> Json:
    """A version of a model under the resource name `name`; `endpoints` are all that may have it deployed."""
    export = version.served.export
    return {
        "name": name,
        "versionId": version.id,
        "versionAliases": list(version.aliases),
        "versionCreateTime": rfc3339(export.changed_at),
        "versionUpdateTime": rfc3339(export.changed_at),
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
        "createTime": rfc3339(model.created_at),
        "updateTime": rfc3339(model.updated_at),
        "trainingPipeline": f"{location}/trainingPipelines/{training_id(version)}",
        "deployedModels": _places(version, endpoints, location),
        "etag": export.etag,
        "modelSourceInfo": {"sourceType": "AUTOML"},
    }


def training_id(version: Version) -> str:
    """Id of the pipeline that a version came from."""
    return stable_id(f"vertex training {version.served.family}/{version.served.version}")


def describe_training(version: Version, name: str) -> Json:
    """The pipeline under the resource name `name`: a model itself says neither its kind nor how labels exclude."""
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
        "createTime": rfc3339(export.changed_at),
        "endTime": rfc3339(export.changed_at),
        "updateTime": rfc3339(export.changed_at),
    }


def describe_endpoint(endpoint: Endpoint, location: str) -> Json:
    """An endpoint under `location`; what is empty is left out, as JSON of messages has it."""
    fields = {
        "name": f"{location}/endpoints/{endpoint.id}",
        "displayName": endpoint.display_name,
        "description": endpoint.description,
        "deployedModels": [describe_deployed(deployed, location) for deployed in endpoint.deployed],
        "trafficSplit": dict(endpoint.traffic),
        "etag": endpoint.etag,
        "labels": dict(endpoint.labels),
        "createTime": rfc3339(endpoint.created_at),
        "updateTime": rfc3339(endpoint.updated_at),
    }
    return {name: value for name, value in fields.items() if value}


def describe_deployed(deployed: DeployedModel, location: str) -> Json:
    """A version on an endpoint."""
    resources = {"minReplicaCount": deployed.least_replicas, "maxReplicaCount": deployed.most_replicas}
    return {
        "id": deployed.id,
        "model": f"{location}/models/{deployed.version.model_id}",
        "modelVersionId": deployed.version.id,
        "displayName": deployed.display_name,
        "createTime": rfc3339(deployed.created_at),
        "automaticResources": {name: count for name, count in resources.items() if count is not None},
    }


def _model_type(automl_type: str) -> str:
    """`mobile-versatile-1` of AutoML is `MOBILE_TF_VERSATILE_1` here."""
    return automl_type.upper().replace("-", "_").replace("MOBILE_", "MOBILE_TF_")


def _places(version: Version, endpoints: Sequence[Endpoint], location: str) -> list[Json]:
    return [
        {"endpoint": f"{location}/endpoints/{endpoint.id}", "deployedModelId": deployed.id}
        for endpoint in endpoints
        for deployed in endpoint.deployed
        if (deployed.version.model_id, deployed.version.id) == (version.model_id, version.id)
    ]
