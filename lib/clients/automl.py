"""A service that speaks the AutoML API, asked through Google's official client."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from google.api_core import exceptions as google
from google.api_core.retry import Retry
from google.cloud import automl_v1 as automl
from google.cloud.automl_v1.services.auto_ml.transports import AutoMlGrpcTransport
from google.cloud.automl_v1.services.prediction_service.transports import PredictionServiceGrpcTransport

from lib.clients.messages import is_passing, translate
from lib.domain.image import PreparedImage
from lib.domain.prediction import ModelVersion, Prediction

# No proxy of the environment may stand between the app and a service on the same machine, an image of 30 MB is far
# above gRPC's own limit of 4 MiB, and a service that was started again should be found at the next try.
_CHANNEL_OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]
# AutoML drops labels under 0.5 unless asked not to: ask for all, cut when showing.
_ALL_SCORES = {"score_threshold": "0.0"}
# The service itself allows 50 s for lists; the client's own default is 5 s.
_LIST_WITHIN_S = 50.0
_DEPLOYED_WITHIN_S = 600.0


class AutomlClient:
    """Predictions and catalogue of an AutoML server at `target` (host:port, plaintext gRPC).

    `name` is what people call the service ("built-in"). A call ends after `answer_within_s`; one that may pass is
    tried again with growing, random pauses for `retry_for_s` (0: never).
    """

    def __init__(self, name: str, target: str, *, answer_within_s: float = 60, retry_for_s: float = 10) -> None:
        self.name = name
        self._channel = grpc.insecure_channel(target, options=_CHANNEL_OPTIONS)
        self._models = automl.AutoMlClient(transport=AutoMlGrpcTransport(channel=self._channel))
        self._predictions = automl.PredictionServiceClient(
            transport=PredictionServiceGrpcTransport(channel=self._channel)
        )
        self._answer_within_s = answer_within_s
        self._retry = Retry(predicate=is_passing, initial=0.1, maximum=2.0, multiplier=2.0, timeout=retry_for_s)

    def close(self) -> None:
        """Give the connection back."""
        self._channel.close()

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:
        """All scores of `version` for the image's bytes. Raises ServiceError and its kinds."""
        request = automl.PredictRequest(
            name=version.model_name,
            payload=automl.ExamplePayload(image=automl.Image(image_bytes=image.content)),
            params=_ALL_SCORES,
        )
        with self._translated(version.version):
            answer = self._predictions.predict(request, retry=self._retry, timeout=self._answer_within_s)
        # The plain message behind the wrapper: wrapping each of a thousand scores costs more than the network.
        payload = automl.PredictResponse.pb(answer).payload
        return Prediction(
            labels=tuple(entry.display_name for entry in payload),
            values=tuple(entry.classification.score for entry in payload),
        )

    def find_projects(self) -> list[str]:
        """The built-in service answers for any project; this is the one it is known by."""
        return ["second-look"]

    def find_regions(self, project: str) -> list[str]:  # noqa: ARG002 - other services' regions depend on it
        """Regions of the AutoML API, and the built-in service's own."""
        return ["us-central1", "eu", "local"]

    def find_versions(self, project: str, region: str) -> list[ModelVersion]:
        """All versions, family by family as the service lists them. Raises ServiceError and its kinds.

        A family is the dataset that its models were trained on: the API has no other word for it.
        """
        parent = f"projects/{project}/locations/{region}"
        with self._translated("its models"):
            datasets = self._models.list_datasets(parent=parent, timeout=_LIST_WITHIN_S)
            families = {dataset.name.rpartition("/")[2]: dataset.display_name for dataset in datasets}
            models = list(self._models.list_models(parent=parent, timeout=_LIST_WITHIN_S))
        families |= {model.dataset_id: model.dataset_id for model in models if model.dataset_id not in families}
        places = list(families)
        models.sort(key=lambda model: (places.index(model.dataset_id), _by_number(model.display_name)))
        return [self._version(model, families[model.dataset_id]) for model in models]

    def deploy(self, version: ModelVersion) -> None:
        """Deploy the version, and wait until it is. Raises ServiceError and its kinds."""
        with self._translated(version.version):
            operation = self._models.deploy_model(name=version.model_name, timeout=_LIST_WITHIN_S)
            operation.result(timeout=_DEPLOYED_WITHIN_S)

    def _version(self, model: automl.Model, family: str) -> ModelVersion:
        return ModelVersion(
            service=self.name,
            model_name=model.name,
            family=family,
            version=model.display_name,
            etag=model.etag,
            deployed=model.deployment_state == automl.Model.DeploymentState.DEPLOYED,
        )

    @contextmanager
    def _translated(self, subject: str) -> Iterator[None]:
        try:
            yield
        except (google.GoogleAPICallError, google.RetryError) as error:
            raise translate(error, f"the {self.name} service", subject) from error


def _by_number(name: str) -> list[tuple[str, int]]:
    """Sorts v2 before v10."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", name)]
