"""The method of PipelineService that tells how a version was trained: its kind, and what labels exclude."""

from lib.serving.vertex.calls import Call, Json
from lib.serving.vertex.descriptions import describe_training, training_id
from lib.serving.vertex.refusals import not_found
from lib.serving.vertex.registry import Registry


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
