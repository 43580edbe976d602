"""What the rest of Second Look asks of a prediction service, whichever it is."""

from typing import Protocol

from lib.domain.image import PreparedImage
from lib.domain.prediction import ModelVersion, Prediction


class PredictionClient(Protocol):
    """Asks versions for predictions. Safe to share between threads."""

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """All scores of `version` for the image's bytes. Raises ServiceError and its kinds."""
        ...


class Catalog(Protocol):
    """Says what there is to choose from. Raises ServiceError and its kinds."""

    def find_projects(self) -> list[str]:
        """Ids of the projects that can be chosen."""
        ...

    def find_regions(self, project: str) -> list[str]:
        """Regions in which the project may have models; the usual one first."""
        ...

    def find_versions(self, project: str, region: str) -> list[ModelVersion]:
        """All versions, family by family."""
        ...

    def deploy(self, version: ModelVersion) -> None:
        """Deploy the version, and wait until it is."""
        ...
