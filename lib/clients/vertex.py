"""Vertex AI, where AutoML's image models live now, asked over REST.

Google's client for it costs 299 MB and 1.6 s of import, for a dozen calls.
"""

import base64
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from lib.clients.asking import Asking
from lib.clients.credentials import Identity
from lib.clients.messages import Asked
from lib.clients.patience import Patience
from lib.clients.projects import FindProjects
from lib.clients.regions import VERTEX_REGIONS
from lib.clients.scores import read_prediction, unusable
from lib.clients.vertex_catalogue import (
    VERTEX,
    Deployed,
    classifies_images,
    model_name_of,
    read_evaluation,
    read_version,
)
from lib.clients.vertex_places import Places
from lib.clients.vertex_rest import Json, VertexRest, get_response
from lib.domain.evaluation import Evaluation
from lib.domain.image import PreparedImage
from lib.domain.prediction import ModelVersion, Prediction
from lib.domain.served_version import ServedVersion
from lib.errors import PredictionTimedOut, ServiceRefused

_ASKED = Asked("Vertex AI", "aiplatform.googleapis.com", "roles/aiplatform.user")
# Google's own limit is 1.5 MB for the whole request; base64 makes four bytes of three, and the rest is a few hundred.
_REQUEST_BYTES = 1_500_000
_AROUND_IMAGE_BYTES = 1_000
# The default is 10: the tail would be cut. As many as no model has.
_MOST_SCORES = 10_000
_ALL_SCORES = {"confidenceThreshold": 0.0, "maxPredictions": _MOST_SCORES}
_DEPLOYED_WITHIN_S = 7200.0
_LOOK_EVERY_S = 0.5
_AT_ONCE = 8
_USUAL = Patience()


class VertexClient:
    """Predictions and catalogue of Vertex AI, at the address that `address_of` gives for a region.

    Nothing is opened before the first call.
    """

    name = VERTEX
    sent_bytes = (_REQUEST_BYTES - _AROUND_IMAGE_BYTES) // 4 * 3

    def __init__(
        self,
        identity: Identity,
        find_projects: FindProjects,
        address_of: Callable[[str], str],
        patience: Patience = _USUAL,
    ) -> None:
        self.describe_identity = identity.describe
        self.find_projects = find_projects
        self._rest = VertexRest(identity, address_of)
        self._patience = patience
        self._asking = Asking(_ASKED, patience.retry_for_s)
        self._places = Places(lambda parent: self._list(f"{parent}/endpoints", "endpoints"))

    def close(self) -> None:
        """Give the connections back."""
        self._rest.close()

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """All scores of `version` for the image's bytes. Raises ServiceError and its kinds."""
        place = self._places.get(version)
        instance = {
            "content": base64.b64encode(image.content).decode(),
            "mimeType": image.image.media_type,
        }
        body = {"instances": [instance], "parameters": _ALL_SCORES}
        within_s = self._patience.answer_within_s
        answer = self._asking.ask(version.version, lambda: self._rest.post(f"{place.endpoint}:predict", body, within_s))
        try:
            _check_who_answered(answer, version, place)
            (scores,) = answer["predictions"]
            labels, values = list(scores["displayNames"]), list(map(float, scores["confidences"]))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise unusable(_ASKED.service, version.version, "something else than a prediction") from error
        return read_prediction(_ASKED.service, version.version, labels, values, cut=len(values) >= _MOST_SCORES)

    def find_regions(self) -> list[str]:
        """Regions in which Vertex AI serves image models."""
        return list(VERTEX_REGIONS)

    def find_versions(self, project: str, region: str) -> list[ServedVersion]:
        """All versions of image classification models, model by model. Raises ServiceError and its kinds."""
        parent = f"projects/{project}/locations/{region}"
        models = [model for model in self._list(f"{parent}/models", "models") if classifies_images(model)]
        deployed = self._places.find(parent, at_most_s=0)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            families = threads.map(self._find_family, models)
            versions = [version for family in families for version in family]
            trainings = threads.map(self._find_training, versions)
        return [
            read_version(version, training, deployed.get(model_name_of(version)))
            for version, training in zip(versions, trainings, strict=True)
        ]

    def find_resource(self, version: ModelVersion) -> str:
        """The endpoint on which the version is deployed. Raises ModelUndeployed."""
        return self._places.get(version).endpoint

    def find_evaluations(self, version: ModelVersion) -> list[Evaluation]:
        """What training found of the version: over all labels, then label by label."""
        found = self._list(f"{version.model_name}/evaluations", "modelEvaluations")
        if not found:
            return []
        latest = max(found, key=lambda each: each.get("createTime", ""))
        slices = self._list(f"{latest['name']}/slices", "modelEvaluationSlices")
        return read_evaluation(latest, slices)

    def deploy(self, version: ModelVersion, nodes: int) -> Iterator[float]:
        """Deploy the version to an endpoint of its own, on `nodes` nodes, and wait until it is."""
        parent = _parent(version)
        # Google allows 128 characters.
        name = f"{version.family} {version.version}"[:128]
        endpoint = yield from self._follow(version, f"{parent}/endpoints", {"displayName": name}, (0.0, 0.1))
        model = {
            "model": version.model_name,
            "displayName": name,
            "automaticResources": {"minReplicaCount": nodes, "maxReplicaCount": nodes},
        }
        body = {"deployedModel": model, "trafficSplit": {"0": 100}}
        yield from self._follow(version, f"{endpoint['name']}:deployModel", body, (0.1, 1.0))
        self._places.forget(parent)

    def undeploy(self, version: ModelVersion) -> Iterator[float]:
        """Take the version off its endpoint; the endpoint stays, and costs nothing."""
        place = self._places.get(version)
        body = {"deployedModelId": place.deployed_model_id}
        yield from self._follow(version, f"{place.endpoint}:undeployModel", body, (0.0, 1.0))
        self._places.forget(_parent(version))

    def _find_family(self, model: Any) -> list[Any]:
        versions = self._list(f"{model['name'].partition('@')[0]}:listVersions", "models")
        return sorted(versions, key=lambda version: int(version.get("versionId", "1")))

    def _find_training(self, version: Any) -> Any:
        pipeline = version.get("trainingPipeline")
        return self._asking.ask("its training", lambda: self._rest.get(pipeline)) if pipeline else {}

    def _list(self, name: str, field: str) -> list[Any]:
        return self._asking.ask("its models", lambda: list(self._rest.pages(name, field)))

    def _follow(
        self, version: ModelVersion, method: str, body: dict[str, Any], shares: tuple[float, float]
    ) -> Generator[float, None, Json]:
        """Start a long-running operation, and wait for its end; gives its response. `shares`: done before and after."""
        ask = partial(self._asking.ask, version.version)
        operation = ask(lambda: self._rest.post(method, body))
        until_s = time.monotonic() + _DEPLOYED_WITHIN_S
        while not operation.get("done"):
            if time.monotonic() > until_s:
                raise PredictionTimedOut(f"{version.version} takes longer than two hours. Look again later.")
            yield shares[0]
            time.sleep(_LOOK_EVERY_S)
            operation = ask(partial(self._rest.get, operation["name"]))
        yield shares[1]
        return ask(lambda: get_response(operation))


def _parent(version: ModelVersion) -> str:
    return version.model_name.partition("/models/")[0]


def _check_who_answered(answer: Any, version: ModelVersion, place: Deployed) -> None:
    """An endpoint may share its traffic among versions: another one's answer must not pass for this one's."""
    if answer.get("deployedModelId", place.deployed_model_id) != place.deployed_model_id:
        raise ServiceRefused(
            f"The endpoint {place.endpoint.rpartition('/')[2]} shares its traffic among versions, and another one than"
            f" {version.version} answered. Deploy {version.version} to an endpoint of its own."
        )
