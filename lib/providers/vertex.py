"""The provider for Vertex AI, where AutoML image models are today, over REST.

Google's client library would cost 299 MB and 1.6 s of import for a dozen calls.
"""

import base64
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from lib.domain.images import PreparedImage
from lib.domain.models import Evaluation, ServedVersion
from lib.domain.predictions import ModelVersion, Prediction
from lib.errors import PredictionTimedOut, ServiceRefused
from lib.providers.credentials import Identity
from lib.providers.error_translation import ErrorTerms
from lib.providers.guarded_requests import VERTEX_REGIONS
from lib.providers.projects import AllowedNames, Projects
from lib.providers.resource_names import Location, Resource, ResourceName
from lib.providers.responses import make_invalid_response, read_prediction
from lib.providers.retries import RetryPolicy, Timeouts
from lib.providers.vertex_catalog import (
    VERTEX,
    DeployedVersion,
    classifies_images,
    read_deployed,
    read_evaluation,
    read_version,
)
from lib.providers.vertex_rest import DeployedVersionCache, Json, VertexRest, get_response

_TERMS = ErrorTerms("Vertex AI", "aiplatform.googleapis.com", "roles/aiplatform.user")
# Google's limit is 1.5 MB for the whole request. Base64 makes four bytes of three; the rest is a few hundred bytes.
_REQUEST_BYTES = 1_500_000
_OVERHEAD_BYTES = 1_000
# More than any model has labels. The default of 10 would drop the rest.
_MOST_SCORES = 10_000
_ALL_SCORES = {"confidenceThreshold": 0.0, "maxPredictions": _MOST_SCORES}
_LONGEST_DEPLOYMENT_S = 7200.0
_POLL_EVERY_S = 0.5
_CONCURRENT_CALLS = 8
_DEFAULT_TIMEOUTS = Timeouts()


class VertexClient:
    """Predictions and catalog of Vertex AI. `address_of` returns the URL of a region. Connects on the first call."""

    name = VERTEX
    sent_bytes = (_REQUEST_BYTES - _OVERHEAD_BYTES) // 4 * 3

    def __init__(
        self,
        identity: Identity,
        projects: Projects,
        address_of: Callable[[str], str],
        timeouts: Timeouts = _DEFAULT_TIMEOUTS,
    ) -> None:
        self.describe_identity = identity.describe
        self.find_projects = projects.find
        self.check_project = projects.allowed.check
        self._names = AllowedNames(_TERMS.provider, projects.allowed, VERTEX_REGIONS)
        self._rest = VertexRest(identity, address_of, VERTEX_REGIONS)
        self._timeouts = timeouts
        self._retry_policy = RetryPolicy(_TERMS, timeouts.retry_for_s)
        self._deployed = DeployedVersionCache(self._list_deployed)

    def close(self) -> None:
        """Close the connections."""
        self._rest.close()

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """Return all scores of `version` for the image. Raises ServiceError and its kinds."""
        deployed = self._get_deployed(version)
        instance = {
            "content": base64.b64encode(image.content).decode(),
            "mimeType": image.image.media_type,
        }
        body = {"instances": [instance], "parameters": _ALL_SCORES}
        timeout_s = self._timeouts.call_s
        response = self._retry_policy.call(
            version.version, lambda: self._rest.post(deployed.endpoint, ":predict", body, timeout_s)
        )
        try:
            _check_deployed_model(response, version, deployed)
            (scores,) = response["predictions"]
            labels, values = list(scores["displayNames"]), list(map(float, scores["confidences"]))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise make_invalid_response(_TERMS.provider, version.version, "no prediction") from error
        return read_prediction(_TERMS.provider, version.version, labels, values, truncated=len(values) >= _MOST_SCORES)

    def find_regions(self) -> list[str]:
        """Return the regions in which Vertex AI serves image models."""
        return list(VERTEX_REGIONS)

    def find_versions(self, project: str, region: str) -> list[ServedVersion]:
        """Return all versions of image classification models, model by model. Raises ServiceError and its kinds."""
        location = self._names.get_location(project, region)
        models = [model for model in self._list(location, "/models", "models") if classifies_images(model)]
        deployed = self._deployed.find(location, max_age_s=0)
        with ThreadPoolExecutor(_CONCURRENT_CALLS) as threads:
            families = threads.map(partial(self._find_family, location), models)
            versions = [version for family in families for version in family]
            trainings = threads.map(partial(self._find_training, location), versions)
        names = [self._read_model_name(version, location) for version in versions]
        return [
            read_version(name, version, training, deployed.get(name))
            for name, version, training in zip(names, versions, trainings, strict=True)
        ]

    def find_resource(self, version: ModelVersion) -> ResourceName:
        """Return the endpoint on which the version is deployed. Raises ModelUndeployed."""
        return self._get_deployed(version).endpoint

    def find_evaluations(self, version: ModelVersion) -> list[Evaluation]:
        """Return the version's evaluations from training: over all labels, then label by label."""
        model = self._names.get_model(version)
        found = self._list(model, "/evaluations", "modelEvaluations")
        if not found:
            return []
        latest = max(found, key=lambda evaluation: evaluation.get("createTime", ""))
        evaluation = self._names.read_response_name(latest.get("name"), "evaluations", model.location)
        return read_evaluation(latest, self._list(evaluation, "/slices", "modelEvaluationSlices"))

    def deploy(self, version: ModelVersion, nodes: int) -> Iterator[float]:
        """Deploy the version to an endpoint of its own, on `nodes` nodes, and wait until it is."""
        model = self._names.get_model(version)
        # Google allows 128 characters.
        name = f"{version.family} {version.version}"[:128]
        start = partial(self._rest.post, model.location, "/endpoints", {"displayName": name})
        made = yield from self._follow(version, start, (0.0, 0.1))
        endpoint = self._names.read_response_name(made.get("name"), "endpoints", model.location)
        deployed = {
            "model": str(model),
            "displayName": name,
            "automaticResources": {"minReplicaCount": nodes, "maxReplicaCount": nodes},
        }
        body = {"deployedModel": deployed, "trafficSplit": {"0": 100}}
        yield from self._follow(version, partial(self._rest.post, endpoint, ":deployModel", body), (0.1, 1.0))
        self._deployed.forget(model.location)

    def undeploy(self, version: ModelVersion) -> Iterator[float]:
        """Undeploy the version from its endpoint. The endpoint stays, and costs nothing."""
        deployed = self._get_deployed(version)
        body = {"deployedModelId": deployed.deployed_model_id}
        start = partial(self._rest.post, deployed.endpoint, ":undeployModel", body)
        yield from self._follow(version, start, (0.0, 1.0))
        self._deployed.forget(deployed.endpoint.location)

    def _get_deployed(self, version: ModelVersion) -> DeployedVersion:
        return self._deployed.get(self._names.get_model(version), version.version)

    def _list_deployed(self, location: Location) -> dict[ResourceName, DeployedVersion]:
        read = partial(self._names.read_response_name, collection="endpoints", requested=location)
        return read_deployed(self._list(location, "/endpoints", "endpoints"), read)

    def _read_model_name(self, model: Json, location: Location) -> ResourceName:
        name = self._names.read_response_name(model.get("name"), "models", location)
        return name.with_version(str(model.get("versionId", "1")))

    def _find_family(self, location: Location, model: Json) -> list[Json]:
        name = self._names.read_response_name(model.get("name"), "models", location).with_version("")
        versions = self._list(name, ":listVersions", "models")
        return sorted(versions, key=lambda version: int(version.get("versionId", "1")))

    def _find_training(self, location: Location, version: Json) -> Json:
        try:
            pipeline = self._names.read_response_name(version.get("trainingPipeline"), "trainingPipelines", location)
        except ServiceRefused:
            # There is none, or the model was copied from another location, which must not be called.
            return {}
        return self._retry_policy.call("the training pipeline", lambda: self._rest.get(pipeline))

    def _list(self, resource: Resource, suffix: str, field: str) -> list[Json]:
        return self._retry_policy.call("the list of models", lambda: list(self._rest.pages(resource, suffix, field)))

    def _follow(
        self, version: ModelVersion, start: Callable[[], Json], shares: tuple[float, float]
    ) -> Generator[float, None, Json]:
        """Start a long-running operation, wait for it and return its response. `shares`: done before and after."""
        call = partial(self._retry_policy.call, version.version)
        operation = call(start)
        name = self._names.read_response_name(
            operation.get("name"), "operations", self._names.get_model(version).location
        )
        deadline_s = time.monotonic() + _LONGEST_DEPLOYMENT_S
        while not operation.get("done"):
            if time.monotonic() > deadline_s:
                raise PredictionTimedOut(f"{version.version} is taking longer than two hours. Check again later.")
            yield shares[0]
            time.sleep(_POLL_EVERY_S)
            operation = call(partial(self._rest.get, name))
        yield shares[1]
        return call(lambda: get_response(operation))


def _check_deployed_model(response: Any, version: ModelVersion, deployed: DeployedVersion) -> None:
    """Raise ServiceRefused if another version predicted: an endpoint may split its traffic among versions."""
    if response.get("deployedModelId", deployed.deployed_model_id) != deployed.deployed_model_id:
        raise ServiceRefused(
            f"The endpoint {deployed.endpoint.id} splits its traffic among versions, and another version than"
            f" {version.version} responded. Deploy {version.version} to an endpoint of its own."
        )
