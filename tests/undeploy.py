"""Takes a version out of service, as only a program can: the app has no button for it yet."""

import grpc
from google.cloud.automl_v1 import AutoMlClient
from google.cloud.automl_v1.services.auto_ml.transports import AutoMlGrpcTransport

from lib.domain.prediction import ModelVersion


def undeploy(service_port: int, version: ModelVersion) -> None:
    """Undeploy the version, and wait until it is."""
    with grpc.insecure_channel(f"127.0.0.1:{service_port}") as channel:
        transport = AutoMlGrpcTransport(channel=channel)
        AutoMlClient(transport=transport).undeploy_model(name=version.model_name).result()
