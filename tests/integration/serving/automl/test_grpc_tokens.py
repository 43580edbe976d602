"""A gRPC port that requires tokens, and a private socket that requires none."""

import logging
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud.automl_v1 import types

from lib.serving.automl.api_guard import ApiRules, Caller, Denial
from lib.serving.service import PredictionService
from tests.builders.checked_exports import make_service
from tests.builders.exports import make_picture

PREDICT = "/google.cloud.automl.v1.PredictionService/Predict"
UNDEPLOY = "/google.cloud.automl.v1beta1.AutoMl/UndeployModel"
DEPLOY = "/google.cloud.automl.v1.AutoMl/DeployModel"
TRAIN = "/google.cloud.automl.v1.AutoMl/CreateModel"
RIGHT = [("authorization", "Bearer right")]


def identify(token: str, path: str) -> Caller:
    """Accept the token "right", which lacks permission to undeploy, and raise an error for "broken"."""
    if token == "broken":
        raise OSError("the database at db.internal is gone")
    if token != "right":
        return Caller(denial=Denial("Show the token.", is_known=False))
    return Caller("ada@example.com", 1, Denial("Admins only.", is_known=True) if path == UNDEPLOY else None)


@pytest.fixture
def service(models_dir: Path) -> Iterator[PredictionService]:
    service = make_service(models_dir, fault_wait_s=2)
    yield service
    service.stop()


@pytest.fixture
def channel(service: PredictionService) -> Iterator[grpc.Channel]:
    """A connection to a port that requires tokens."""
    port = service.start_grpc(rules=ApiRules(600, identify))
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield channel


def make_request(service: PredictionService, content: bytes = b"") -> bytes:
    name = f"projects/p/locations/local/models/{service.models[0].model_id}"
    request = types.PredictRequest(name=name, payload={"image": {"image_bytes": content or make_picture()}})
    written: bytes = types.PredictRequest.serialize(request)
    return written


def refuse(channel: grpc.Channel, path: str, request: bytes, metadata: Any = None) -> tuple[str, str]:
    """Return the status code and the message of a rejected call."""
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(path)(request, metadata=metadata, timeout=30)
    error: Any = caught.value
    return error.code().name, error.details()


def predict(address: str, service: PredictionService, metadata: Any = None) -> list[str]:
    """Return the labels that a call predicts."""
    with grpc.insecure_channel(address) as channel:
        answer = channel.unary_unary(PREDICT)(make_request(service), metadata=metadata, timeout=30)
    return [entry.display_name for entry in types.PredictResponse.deserialize(answer).payload]


def test_a_grpc_call_with_a_valid_token_succeeds(channel: grpc.Channel, service: PredictionService) -> None:
    answer = channel.unary_unary(PREDICT)(make_request(service), metadata=RIGHT)

    assert [entry.display_name for entry in types.PredictResponse.deserialize(answer).payload] == ["red"]


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [("authorization", "right")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer wrong")],
        [("authorization", "Basic right")],
        [("x-authorization", "Bearer right")],
        [("authorization", "Bearer wrong"), ("authorization", "Bearer right")],
    ],
)
@pytest.mark.parametrize("path", [PREDICT, UNDEPLOY, TRAIN])
def test_any_grpc_call_without_a_valid_token_is_unauthenticated(
    channel: grpc.Channel, service: PredictionService, path: str, metadata: Any
) -> None:
    assert refuse(channel, path, make_request(service), metadata) == ("UNAUTHENTICATED", "Show the token.")


def test_a_grpc_call_without_the_permission_is_denied(channel: grpc.Channel, service: PredictionService) -> None:
    assert refuse(channel, UNDEPLOY, make_request(service), RIGHT) == ("PERMISSION_DENIED", "Admins only.")


def test_a_deployment_over_grpc_is_recorded_with_its_caller_and_model(service: PredictionService) -> None:
    recorded: list[tuple[str, str]] = []
    rules = ApiRules(600, identify, lambda caller, path: recorded.append((caller.address, path)))
    port = service.start_grpc(rules=rules)
    name = f"projects/p/locations/local/models/{service.models[0].model_id}"
    request = types.DeployModelRequest.serialize(types.DeployModelRequest(name=name))

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        channel.unary_unary(DEPLOY)(request, metadata=RIGHT, timeout=30)
        channel.unary_unary(PREDICT)(make_request(service), metadata=RIGHT, timeout=30)
        refuse(channel, DEPLOY, b"", RIGHT)
        refuse(channel, UNDEPLOY, request, RIGHT)

    assert recorded == [("ada@example.com", f"{name}:deploy")]


def test_errors_of_the_service_reach_an_authorized_caller(channel: grpc.Channel) -> None:
    code, sentence = refuse(channel, TRAIN, b"", RIGHT)

    assert (code, "trains none" in sentence) == ("UNIMPLEMENTED", True)


def test_a_failed_authorization_check_rejects_the_call_and_hides_the_cause(
    channel: grpc.Channel, service: PredictionService, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        code, sentence = refuse(channel, PREDICT, make_request(service), [("authorization", "Bearer broken")])

    assert (code, "db.internal" in sentence) == ("INTERNAL", False)
    assert "db.internal" in caplog.text


def test_a_call_without_a_request_message_is_rejected(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        channel.stream_unary(PREDICT)(iter(()), metadata=RIGHT, timeout=30)

    error: Any = caught.value
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_the_private_socket_is_accessible_only_to_this_user_and_removed_on_stop(service: PredictionService) -> None:
    address = service.start_private_grpc()
    socket = Path(address.removeprefix("unix:"))

    labels = predict(address, service)
    mode = stat.S_IMODE(socket.parent.stat().st_mode)
    service.stop()

    assert labels == ["red"]
    assert mode == 0o700
    assert not socket.parent.exists()


def test_the_private_socket_requires_no_token_while_the_port_does(service: PredictionService) -> None:
    port = service.start_grpc(rules=ApiRules(600, identify))

    assert predict(service.start_private_grpc(), service) == ["red"]
    assert predict(f"127.0.0.1:{port}", service, RIGHT) == ["red"]


def test_the_private_socket_works_with_a_long_temporary_directory_path(
    service: PredictionService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))

    address = service.start_private_grpc()

    assert predict(address, service) == ["red"]
    assert list(long.iterdir()) == []


def test_a_client_can_reconnect_to_the_private_socket_after_a_dropped_connection(service: PredictionService) -> None:
    address = service.start_private_grpc()
    dropped = next(model for model in service.models if model.version == "dropped")
    name = f"projects/p/locations/local/models/{dropped.model_id}"
    request = types.PredictRequest.serialize(types.PredictRequest(name=name, payload={"image": {"image_bytes": b"x"}}))

    with grpc.insecure_channel(address) as channel:
        code, sentence = refuse(channel, PREDICT, request)

    assert (code, "on purpose" in sentence) == ("UNAVAILABLE", False)
    assert predict(address, service) == ["red"]
