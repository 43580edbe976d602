"""Scores from AutoML servers, through Google's official client: Google's, or the built-in service.

The built-in service computes them in `lib/serving/models/inference.py`.
"""

import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import grpc
from google.cloud import automl_v1 as automl
from google.cloud.automl_v1.services.auto_ml.transports import AutoMlGrpcTransport
from google.cloud.automl_v1.services.prediction_service.transports import PredictionServiceGrpcTransport

from lib.domain.images import PreparedImage
from lib.domain.models import Evaluation, ServedVersion
from lib.domain.predictions import ModelVersion, Prediction
from lib.domain.wording import natural_order
from lib.errors import PredictionTimedOut
from lib.providers.automl_servers import AutomlServer
from lib.providers.projects import AllowedNames
from lib.providers.resource_names import Location, ResourceName
from lib.providers.responses import read_evaluations, read_prediction
from lib.providers.retries import RetryPolicy, Timeouts

# By default, AutoML drops scores under 0.5. Request all, and apply the threshold when showing.
_ALL_SCORES = {"score_threshold": "0.0"}
# The service allows 50 s for lists; the client's default is 5 s.
_LIST_WITHIN_S = 50.0
_LONGEST_DEPLOYMENT_S = 3600.0
_POLL_EVERY_S = 0.5
_DEFAULT_TIMEOUTS = Timeouts()
_MULTILABEL = automl.ClassificationType.MULTILABEL
_DEPLOYED = automl.Model.DeploymentState.DEPLOYED


class AutomlClient:
    """Predictions and catalog of an AutoML server. Connects on the first call."""

    sent_bytes = 30 << 20

    def __init__(self, server: AutomlServer, timeouts: Timeouts = _DEFAULT_TIMEOUTS) -> None:
        self.name = server.name
        self.find_projects = server.projects.find
        self.check_project = server.projects.allowed.check
        self.describe_identity = server.identity.describe
        self._server = server
        self._timeouts = timeouts
        self._retry_policy = RetryPolicy(server.terms, timeouts.retry_for_s)
        self._names = AllowedNames(server.terms.provider, server.projects.allowed, server.regions)
        self._lock = Lock()
        self._clients: dict[grpc.Channel, tuple[automl.AutoMlClient, automl.PredictionServiceClient]] = {}

    def close(self) -> None:
        """Close the connections."""
        for channel in self._clients:
            channel.close()

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """Return all scores of `version` for the image. Raises ServiceError and its kinds."""
        model = self._names.get_model(version)
        request = automl.PredictRequest(
            name=str(model),
            payload=automl.ExamplePayload(image=automl.Image(image_bytes=image.content)),
            params=_ALL_SCORES,
        )
        _, predictions = self._connect(model.location)
        timeout_s = self._timeouts.call_s
        response = self._retry_policy.call(
            version.version, lambda: predictions.predict(request, retry=None, timeout=timeout_s)
        )
        # The raw message: wrapping each of a thousand scores costs more than the network.
        payload = automl.PredictResponse.pb(response).payload
        return read_prediction(
            self._server.terms.provider,
            version.version,
            labels=[entry.display_name for entry in payload],
            values=[entry.classification.score for entry in payload],
        )

    def find_regions(self) -> list[str]:
        """Return the regions of the server."""
        return list(self._server.regions)

    def find_versions(self, project: str, region: str) -> list[ServedVersion]:
        """Return all versions, family by family in the service's order. Raises ServiceError and its kinds.

        A family is the dataset on which its models were trained: the API has no other grouping.
        """
        location = self._names.get_location(project, region)
        models, _ = self._connect(location)
        listed = self._list(models.list_datasets, parent=str(location))
        datasets = {
            self._names.read_response_name(dataset.name, "datasets", location).id: dataset for dataset in listed
        }
        found = self._list(models.list_models, parent=str(location))
        order = list(dict.fromkeys([*datasets, *(model.dataset_id for model in found)]))
        found.sort(key=lambda model: (order.index(model.dataset_id), natural_order(model.display_name)))
        names = [self._names.read_response_name(model.name, "models", location) for model in found]
        return [
            self._describe(name, model, datasets.get(model.dataset_id))
            for name, model in zip(names, found, strict=True)
        ]

    def find_resource(self, version: ModelVersion) -> ResourceName:
        """Return the model itself."""
        return self._names.get_model(version)

    def find_evaluations(self, version: ModelVersion) -> list[Evaluation]:
        """Return the version's evaluations from training: over all labels, then label by label."""
        model = self._names.get_model(version)
        models, _ = self._connect(model.location)
        # The filter is required; an empty one matches all.
        request = automl.ListModelEvaluationsRequest(parent=str(model), filter="")
        return read_evaluations(self._list(models.list_model_evaluations, request=request))

    def deploy(self, version: ModelVersion, nodes: int) -> Iterator[float]:
        """Deploy the version on `nodes` nodes, and yield the part that is done, 0 to 1."""
        model = self._names.get_model(version)
        models, _ = self._connect(model.location)
        metadata = automl.ImageClassificationModelDeploymentMetadata(node_count=nodes)
        request = automl.DeployModelRequest(name=str(model), image_classification_model_deployment_metadata=metadata)
        yield from self._follow(version, lambda: models.deploy_model(request, timeout=_LIST_WITHIN_S))

    def undeploy(self, version: ModelVersion) -> Iterator[float]:
        """Undeploy the version, and yield the part that is done."""
        model = self._names.get_model(version)
        models, _ = self._connect(model.location)
        name = str(model)
        yield from self._follow(version, lambda: models.undeploy_model(name=name, timeout=_LIST_WITHIN_S))

    def _connect(self, location: Location) -> tuple[automl.AutoMlClient, automl.PredictionServiceClient]:
        channel = self._server.open_channel(location.region)
        with self._lock:
            if channel not in self._clients:
                self._clients[channel] = (
                    automl.AutoMlClient(transport=AutoMlGrpcTransport(channel=channel)),
                    automl.PredictionServiceClient(transport=PredictionServiceGrpcTransport(channel=channel)),
                )
            return self._clients[channel]

    def _list(self, call: Callable[..., Any], **request: Any) -> list[Any]:
        return self._retry_policy.call(
            "the list of models", lambda: list(call(retry=None, timeout=_LIST_WITHIN_S, **request))
        )

    def _follow(self, version: ModelVersion, start: Callable[[], Any]) -> Iterator[float]:
        operation = self._retry_policy.call(version.version, start)
        self._names.read_response_name(operation.operation.name, "operations", self._names.get_model(version).location)
        deadline_s = time.monotonic() + _LONGEST_DEPLOYMENT_S
        while not self._retry_policy.call(version.version, operation.done):
            if time.monotonic() > deadline_s:
                raise PredictionTimedOut(f"{version.version} is taking longer than an hour. Check again later.")
            yield (operation.metadata.progress_percent if operation.metadata else 0) / 100
            time.sleep(_POLL_EVERY_S)
        with self._retry_policy.translate_errors(version.version):
            operation.result(timeout=_LIST_WITHIN_S)
        yield 1.0

    def _describe(self, name: ResourceName, model: automl.Model, dataset: automl.Dataset | None) -> ServedVersion:
        metadata = model.image_classification_model_metadata
        version = ModelVersion(
            provider=self.name,
            model_name=str(name),
            family=dataset.display_name if dataset else model.dataset_id,
            version=model.display_name,
            etag=model.etag,
            deployed=model.deployment_state == _DEPLOYED,
        )
        kind = dataset.image_classification_dataset_metadata.classification_type if dataset else None
        return ServedVersion(
            version=version,
            created_at=model.create_time,
            kind=metadata.model_type,
            multi_label=kind == _MULTILABEL if kind else None,
            trained_on=(dataset.example_count if dataset else 0) or None,
            nodes=metadata.node_count or None,
            expires=self._server.expires,
        )
