"""The methods of ModelService: models and their versions."""

from lib.serving.vertex.descriptions import describe_model, describe_training, training_id
from lib.serving.vertex.endpoints import Endpoints
from lib.serving.vertex.fields import Call, Json, list_page, passes_filter
from lib.serving.vertex.registry import Model, Registry, Version
from lib.serving.vertex.vertex_errors import not_found
from lib.serving.vertex.vertex_names import read_model_id
from lib.serving.vertex.vertex_operations import VertexOperations


class ModelMethods:
    """What the served models are."""

    def __init__(self, registry: Registry, endpoints: Endpoints, operations: VertexOperations) -> None:
        self._registry = registry
        self._endpoints = endpoints
        self._operations = operations

    def list_models(self, call: Call) -> Json:
        """Answer ListModels: the default version of each."""
        call.query.only("pageSize", "pageToken", "filter")
        text = call.query.text("filter")
        chosen = [each for each in self._registry.models if passes_filter(text, _filterable(each))]
        return list_page(call, "models", chosen, lambda model: self._describe(call, model, model.default, ""))

    def get_model(self, call: Call) -> Json:
        """Answer GetModel: the version that is named, or the default one."""
        call.query.only()
        name = read_model_id(call.variables["models"])
        version = self._registry.get_version(name)
        suffix = f"@{version.id}" if name.version else ""
        return self._describe(call, self._registry.get_model(name), version, suffix)

    def list_versions(self, call: Call) -> Json:
        """Answer ListModelVersions, in the order of their ids."""
        call.query.only("pageSize", "pageToken", "filter")
        passes_filter(call.query.text("filter"), {})
        model = self._registry.get_model(read_model_id(call.variables["models"]))
        return list_page(
            call, "models", model.versions, lambda version: self._describe(call, model, version, f"@{version.id}")
        )

    def _describe(self, call: Call, model: Model, version: Version, suffix: str) -> Json:
        with self._operations.up_to_date():
            endpoints = self._endpoints.all()
        name = f"{call.location}/models/{model.id}{suffix}"
        return describe_model(model, version, name, endpoints, call.location)


def _filterable(model: Model) -> dict[str, str]:
    return {"display_name": model.display_name, "model": model.id}


class TrainingMethods:
    """The training pipelines that the served versions would have come from."""

    def __init__(self, registry: Registry) -> None:
        self._versions = {training_id(version): version for model in registry.models for version in model.versions}

    def get_pipeline(self, call: Call) -> Json:
        """Answer GetTrainingPipeline."""
        call.query.only()
        wanted = call.variables["trainingPipelines"]
        if wanted not in self._versions:
            raise not_found("TrainingPipeline", wanted)
        return describe_training(self._versions[wanted], f"{call.location}/trainingPipelines/{wanted}")
