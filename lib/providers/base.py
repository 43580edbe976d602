"""Where scores come from, the interface of all providers: `automl.py` asks the built-in service and AutoML, `vertex.py`
asks Vertex AI.
"""

from collections.abc import Iterator
from typing import Protocol

from lib.domain.images import PreparedImage
from lib.domain.models import Evaluation, ServedVersion
from lib.domain.predictions import ModelVersion, Prediction
from lib.providers.resource_names import ResourceName


class PredictionClient(Protocol):
    """Requests predictions. Thread-safe."""

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """Return all scores of `version` for the image. Raises ServiceError and its kinds."""
        ...


class Provider(PredictionClient, Protocol):
    """A prediction service with its catalog of models. Methods raise ServiceError and its kinds. Thread-safe.

    `sent_bytes` is the largest size of an image in a request.
    """

    name: str
    sent_bytes: int

    def describe_identity(self) -> str:
        """Return whose credentials are in use."""
        ...

    def check_project(self, project: str) -> None:
        """Raise InvalidName if the project may not be used."""
        ...

    def find_projects(self) -> list[str]:
        """Return ids of projects to choose from. Others may exist."""
        ...

    def find_regions(self) -> list[str]:
        """Return the regions in which a project may have models, the default one first."""
        ...

    def find_versions(self, project: str, region: str) -> list[ServedVersion]:
        """Return all versions, family by family."""
        ...

    def find_resource(self, version: ModelVersion) -> ResourceName:
        """Return the resource whose `predict` method serves the version."""
        ...

    def find_evaluations(self, version: ModelVersion) -> list[Evaluation]:
        """Return the version's evaluations from training: over all labels, then label by label. May be empty."""
        ...

    def deploy(self, version: ModelVersion, nodes: int) -> Iterator[float]:
        """Deploy the version, and yield the part that is done, 0 to 1, until it is deployed."""
        ...

    def undeploy(self, version: ModelVersion) -> Iterator[float]:
        """Undeploy the version, and yield the part that is done."""
        ...

    def close(self) -> None:
        """Close its connections."""
        ...
