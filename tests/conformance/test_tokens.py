"""Google's official clients on a gRPC port that requires tokens, sent as metadata."""

from collections.abc import Iterator

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import automl_v1, automl_v1beta1

from lib.serving.automl.api_guard import ApiRules, Caller, Denial
from tests.builders.exports import make_picture
from tests.conformance.conftest import LOCATION, Clients, Running, make_clients

SHOWN = [("authorization", "Bearer right")]


def identify(token: str, path: str) -> Caller:
    """Accept the token "right", which lacks permission to undeploy."""
    if token != "right":
        return Caller(denial=Denial("Show the token.", is_known=False))
    may_not = path.endswith("/UndeployModel")
    return Caller(denial=Denial("Admins only.", is_known=True) if may_not else None)


@pytest.fixture(params=["v1", "v1beta1"])
def clients(evaluated: Running, request: pytest.FixtureRequest) -> Iterator[Clients]:
    """Both clients of each version, on such a port."""
    port = evaluated.service.start_grpc(rules=ApiRules(600, identify))
    module = automl_v1 if request.param == "v1" else automl_v1beta1
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield make_clients(module, "grpc", channel=channel)


def test_with_a_valid_token_models_are_listed_and_predict(clients: Clients, evaluated: Running) -> None:
    payload = clients.automl.ExamplePayload(image=clients.automl.Image(image_bytes=make_picture("red")))

    listed = list(clients.models.list_models(parent=LOCATION, metadata=SHOWN))
    name = evaluated.name_of("colors/v1")
    clients.models.deploy_model(name=name, metadata=SHOWN)
    answer = clients.predictions.predict(name=name, payload=payload, metadata=SHOWN)

    assert [model.display_name for model in listed] == ["v1", "v2"]
    assert [entry.display_name for entry in answer.payload] == ["red"]


def test_without_a_token_each_client_raises_unauthenticated(clients: Clients, evaluated: Running) -> None:
    payload = clients.automl.ExamplePayload(image=clients.automl.Image(image_bytes=make_picture("red")))

    with pytest.raises(exceptions.Unauthenticated, match="Show the token"):
        clients.models.list_models(parent=LOCATION)
    with pytest.raises(exceptions.Unauthenticated, match="Show the token"):
        clients.predictions.predict(name=evaluated.name_of("colors/v1"), payload=payload)


def test_a_call_without_permission_raises_permission_denied(clients: Clients, evaluated: Running) -> None:
    with pytest.raises(exceptions.PermissionDenied, match="Admins only"):
        clients.models.undeploy_model(name=evaluated.name_of("colors/v1"), metadata=SHOWN)
