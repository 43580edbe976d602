"""What the rest of Second Look asks of a prediction service, whichever it is."""

from collections.abc import Iterator
from typing import Protocol

from lib.domain.images import PreparedImage
from lib.domain.models import Evaluation, ServedVersion
from lib.domain.predictions import ModelVersion, Prediction
from lib.providers.resource_names import ResourceName


class PredictionClient(Protocol):
    """Asks versions for predictions. Safe to share between threads."""

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """All scores of `version` for the image's bytes. Raises ServiceError and its kinds."""
        ...


class Provider(PredictionClient, Protocol):
    """A service as a whole. Every method raises ServiceError and its kinds, and may be called from any thread.

    `name` is what people call it. `sent_bytes` bounds the size of an image in a request.
    """

    name: str
    sent_bytes: int

    def describe_identity(self) -> str:
        """Whose credentials are in use."""
        ...

    def check_project(self, project: str) -> None:
        """Do nothing where the project may be asked about."""
        ...

    def find_projects(self) -> list[str]:
        """Ids of projects that can be chosen; others may exist, too."""
        ...

    def find_regions(self) -> list[str]:
        """Regions in which a project may have models; the usual one first."""
        ...

    def find_versions(self, project: str, region: str) -> list[ServedVersion]:
        """All versions, family by family."""
        ...

    def find_resource(self, version: ModelVersion) -> ResourceName:
        """The resource whose `predict` a program calls for the version."""
        ...

    def find_evaluations(self, version: ModelVersion) -> list[Evaluation]:
        """What training found of the version: first over all labels, then label by label. Empty where nothing did."""
        ...

    def deploy(self, version: ModelVersion, nodes: int) -> Iterator[float]:
        """Deploy the version, and wait until it is; gives the share that is done, 0 to 1, from time to time."""
        ...

    def undeploy(self, version: ModelVersion) -> Iterator[float]:
        """Take the version out of service, in the same way."""
        ...

    def close(self) -> None:
        """Give its connections back."""
        ...
