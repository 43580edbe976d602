"""Vertex AI, where AutoML's image models live now, asked over REST.

Google's client for it costs 299 MB and 1.6 s of import, for a dozen calls.
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
from lib.providers.error_translation import FailedCall
from lib.providers.guarded_requests import VERTEX_REGIONS
from lib.providers.projects import AllowedNames, Projects
from lib.providers.resource_names import Location, Resource, ResourceName
from lib.providers.responses import read_prediction, unusable
from lib.providers.retries import RetryPolicy, Timeouts
from lib.providers.vertex_catalog import (
    VERTEX,
    DeployedVersion,
    classifies_images,
    read_deployed,
    read_evaluation,
    read_version,
)
from lib.providers.vertex_rest import Json, Places, VertexRest, get_response

_ASKED = FailedCall("Vertex AI", "aiplatform.googleapis.com", "roles/aiplatform.user")
# Google's own limit is 1.5 MB for the whole request; base64 makes four bytes of three, and the rest is a few hundred.
_REQUEST_BYTES = 1_500_000
_AROUND_IMAGE_BYTES = 1_000
# The default is 10: the tail would be cut. As many as no model has.
_MOST_SCORES = 10_000
_ALL_SCORES = {"confidenceThreshold": 0.0, "maxPredictions": _MOST_SCORES}
_DEPLOYED_WITHIN_S = 7200.0
_LOOK_EVERY_S = 0.5
_AT_ONCE = 8
_USUAL = Timeouts()


class VertexClient:
    """Predictions and catalog of Vertex AI, at the address that `address_of` gives for a region.

    Nothing is opened before the first call.
    """

    name = VERTEX
    sent_bytes = (_REQUEST_BYTES - _AROUND_IMAGE_BYTES) // 4 * 3

    def __init__(
        self,
        identity: Identity,
        projects: Projects,
        address_of: Callable[[str], str],
        timeouts: Timeouts = _USUAL,
    ) -> None:
        self.describe_identity = identity.describe
        self.find_projects = projects.find
        self.check_project = projects.allowed.check
        self._names = AllowedNames(_ASKED.provider, projects.allowed, VERTEX_REGIONS)
        self._rest = VertexRest(identity, address_of, VERTEX_REGIONS)
        self._patience = timeouts
        self._asking = RetryPolicy(_ASKED, timeouts.retry_for_s)
        self._places = Places(self._find_deployed)

    def close(self) -> None:
        """Give the connections back."""
        self._rest.close()

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """All scores of `version` for the image's bytes. Raises ServiceError and its kinds."""
        place = self._find_place(version)
        instance = {
            "content": base64.b64encode(image.content).decode(),
            "mimeType": image.image.media_type,
        }
        body = {"instances": [instance], "parameters": _ALL_SCORES}
        within_s = self._patience.answer_within_s
        answer = self._asking.ask(version.version, lambda: self._rest.post(place.endpoint, ":predict", body, within_s))
        try:
            _check_who_answered(answer, version, place)
            (scores,) = answer["predictions"]
            labels, values = list(scores["displayNames"]), list(map(float, scores["confidences"]))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise unusable(_ASKED.provider, version.version, "something else than a prediction") from error
        return read_prediction(_ASKED.provider, version.version, labels, values, truncated=len(values) >= _MOST_SCORES)

    def find_regions(self) -> list[str]:
        """Regions in which Vertex AI serves image models."""
        return list(VERTEX_REGIONS)

    def find_versions(self, project: str, region: str) -> list[ServedVersion]:
        """All versions of image classification models, model by model. Raises ServiceError and its kinds."""
        location = self._names.get_location(project, region)
        models = [model for model in self._list(location, "/models", "models") if classifies_images(model)]
        deployed = self._places.find(location, at_most_s=0)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            families = threads.map(partial(self._find_family, location), models)
            versions = [version for family in families for version in family]
            trainings = threads.map(partial(self._find_training, location), versions)
        names = [self._read_model_name(version, location) for version in versions]
        return [
            read_version(name, version, training, deployed.get(name))
            for name, version, training in zip(names, versions, trainings, strict=True)
        ]

    def find_resource(self, version: ModelVersion) -> ResourceName:
        """The endpoint on which the version is deployed. Raises ModelUndeployed."""
        return self._find_place(version).endpoint

    def find_evaluations(self, version: ModelVersion) -> list[Evaluation]:
        """What training found of the version: over all labels, then label by label."""
        model = self._names.get_model(version)
        found = self._list(model, "/evaluations", "modelEvaluations")
        if not found:
            return []
        latest = max(found, key=lambda each: each.get("createTime", ""))
        evaluation = self._names.read_answer(latest.get("name"), "evaluations", model.location)
        return read_evaluation(latest, self._list(evaluation, "/slices", "modelEvaluationSlices"))

    def deploy(self, version: ModelVersion, nodes: int) -> Iterator[float]:
        """Deploy the version to an endpoint of its own, on `nodes` nodes, and wait until it is."""
        model = self._names.get_model(version)
        # Google allows 128 characters.
        name = f"{version.family} {version.version}"[:128]
        start = partial(self._rest.post, model.location, "/endpoints", {"displayName": name})
        made = yield from self._follow(version, start, (0.0, 0.1))
        endpoint = self._names.read_answer(made.get("name"), "endpoints", model.location)
        deployed = {
            "model": str(model),
            "displayName": name,
            "automaticResources": {"minReplicaCount": nodes, "maxReplicaCount": nodes},
        }
        body = {"deployedModel": deployed, "trafficSplit": {"0": 100}}
        yield from self._follow(version, partial(self._rest.post, endpoint, ":deployModel", body), (0.1, 1.0))
        self._places.forget(model.location)

    def undeploy(self, version: ModelVersion) -> Iterator[float]:
        """Take the version off its endpoint; the endpoint stays, and costs nothing."""
        place = self._find_place(version)
        body = {"deployedModelId": place.deployed_model_id}
        yield from self._follow(version, partial(self._rest.post, place.endpoint, ":undeployModel", body), (0.0, 1.0))
        self._places.forget(place.endpoint.location)

    def _find_place(self, version: ModelVersion) -> DeployedVersion:
        return self._places.get(self._names.get_model(version), version.version)

    def _find_deployed(self, location: Location) -> dict[ResourceName, DeployedVersion]:
        read = partial(self._names.read_answer, collection="endpoints", asked=location)
        return read_deployed(self._list(location, "/endpoints", "endpoints"), read)

    def _read_model_name(self, model: Json, location: Location) -> ResourceName:
        name = self._names.read_answer(model.get("name"), "models", location)
        return name.with_version(str(model.get("versionId", "1")))

    def _find_family(self, location: Location, model: Json) -> list[Json]:
        name = self._names.read_answer(model.get("name"), "models", location).with_version("")
        versions = self._list(name, ":listVersions", "models")
        return sorted(versions, key=lambda version: int(version.get("versionId", "1")))

    def _find_training(self, location: Location, version: Json) -> Json:
        try:
            pipeline = self._names.read_answer(version.get("trainingPipeline"), "trainingPipelines", location)
        except ServiceRefused:
            # None, or that of a model which was copied from elsewhere: it is not asked there.
            return {}
        return self._asking.ask("its training", lambda: self._rest.get(pipeline))

    def _list(self, resource: Resource, suffix: str, field: str) -> list[Json]:
        return self._asking.ask("its models", lambda: list(self._rest.pages(resource, suffix, field)))

    def _follow(
        self, version: ModelVersion, start: Callable[[], Json], shares: tuple[float, float]
    ) -> Generator[float, None, Json]:
        """Start a long-running operation, and wait for its end; gives its response. `shares`: done before and after."""
        ask = partial(self._asking.ask, version.version)
        operation = ask(start)
        name = self._names.read_answer(operation.get("name"), "operations", self._names.get_model(version).location)
        until_s = time.monotonic() + _DEPLOYED_WITHIN_S
        while not operation.get("done"):
            if time.monotonic() > until_s:
                raise PredictionTimedOut(f"{version.version} takes longer than two hours. Look again later.")
            yield shares[0]
            time.sleep(_LOOK_EVERY_S)
            operation = ask(partial(self._rest.get, name))
        yield shares[1]
        return ask(lambda: get_response(operation))


def _check_who_answered(answer: Any, version: ModelVersion, place: DeployedVersion) -> None:
    """An endpoint may share its traffic among versions: another one's answer must not pass for this one's."""
    if answer.get("deployedModelId", place.deployed_model_id) != place.deployed_model_id:
        raise ServiceRefused(
            f"The endpoint {place.endpoint.id} shares its traffic among versions, and another one than"
            f" {version.version} answered. Deploy {version.version} to an endpoint of its own."
        )
