"""The methods of ModelService and PipelineService: models, their versions, and training pipelines."""

from lib.serving.vertex.calls import VertexCall, list_page, passes_filter
from lib.serving.vertex.endpoints import Endpoints
from lib.serving.vertex.fields import Json
from lib.serving.vertex.registry import ModelRegistry, VertexModel, VertexVersion
from lib.serving.vertex.resource_json import describe_model, describe_training, pipeline_id
from lib.serving.vertex.vertex_errors import vertex_not_found
from lib.serving.vertex.vertex_names import parse_model_id
from lib.serving.vertex.vertex_operations import VertexOperations


class ModelMethods:
    """The served models and their versions."""

    def __init__(self, registry: ModelRegistry, endpoints: Endpoints, operations: VertexOperations) -> None:
        self._registry = registry
        self._endpoints = endpoints
        self._operations = operations

    def list_models(self, call: VertexCall) -> Json:
        """Answer ListModels with the default version of each model."""
        call.query.allow_only("pageSize", "pageToken", "filter")
        text = call.query.text("filter")
        chosen = [model for model in self._registry.models if passes_filter(text, _filter_fields(model))]
        return list_page(call, "models", chosen, lambda model: self._describe(call, model, model.default, ""))

    def get_model(self, call: VertexCall) -> Json:
        """Answer GetModel with the named version, or else the default one."""
        call.query.allow_only()
        name = parse_model_id(call.variables["models"])
        version = self._registry.get_version(name)
        suffix = f"@{version.id}" if name.version else ""
        return self._describe(call, self._registry.get_model(name), version, suffix)

    def list_versions(self, call: VertexCall) -> Json:
        """Answer ListModelVersions, in the order of their IDs."""
        call.query.allow_only("pageSize", "pageToken", "filter")
        passes_filter(call.query.text("filter"), {})
        model = self._registry.get_model(parse_model_id(call.variables["models"]))
        return list_page(
            call, "models", model.versions, lambda version: self._describe(call, model, version, f"@{version.id}")
        )

    def _describe(self, call: VertexCall, model: VertexModel, version: VertexVersion, suffix: str) -> Json:
        with self._operations.current_state():
            endpoints = self._endpoints.all()
        name = f"{call.location}/models/{model.id}{suffix}"
        return describe_model(model, version, name, endpoints, call.location)


def _filter_fields(model: VertexModel) -> dict[str, str]:
    return {"display_name": model.display_name, "model": model.id}


class TrainingMethods:
    """The training pipelines that would have produced the served versions."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._versions = {pipeline_id(version): version for model in registry.models for version in model.versions}

    def get_pipeline(self, call: VertexCall) -> Json:
        """Answer GetTrainingPipeline."""
        call.query.allow_only()
        wanted = call.variables["trainingPipelines"]
        if wanted not in self._versions:
            raise vertex_not_found("TrainingPipeline", wanted)
        return describe_training(self._versions[wanted], f"{call.location}/trainingPipelines/{wanted}")
