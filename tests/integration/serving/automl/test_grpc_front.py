"""The service over gRPC, at the level of paths and bytes; tests/conformance calls it through Google's clients."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core.retry import Retry
from google.cloud.automl_v1 import types
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from lib.errors import InvalidSettings
from lib.serving.models.served_models import ServedModel
from lib.serving.service import PredictionService
from tests.builders.checked_exports import make_service
from tests.builders.exports import make_picture

PREDICT = "/google.cloud.automl.v1.PredictionService/Predict"


@pytest.fixture
def service(models_dir: Path) -> Iterator[PredictionService]:
    """A service of `models_dir` with fault models, stopped after the test."""
    service = make_service(models_dir, fault_wait_s=2)
    yield service
    service.stop()


@pytest.fixture
def channel(service: PredictionService) -> Iterator[grpc.Channel]:
    """A connection to `service`."""
    with grpc.insecure_channel(f"127.0.0.1:{service.start_grpc()}") as channel:
        yield channel


def make_request(model: ServedModel) -> bytes:
    name = f"projects/p/locations/local/models/{model.model_id}"
    request = types.PredictRequest(name=name, payload={"image": {"image_bytes": make_picture()}})
    content: bytes = types.PredictRequest.serialize(request)
    return content


def fault(service: PredictionService, version: str) -> ServedModel:
    return next(model for model in service.models if (model.family, model.version) == ("faults", version))


def detail(error: Any, kind: Any) -> Any:
    """The first detail of an error, which must be of this kind."""
    message = kind()
    assert rpc_status.from_call(error).details[0].Unpack(message)
    return message


def test_a_prediction_is_returned_over_grpc(channel: grpc.Channel, service: PredictionService) -> None:
    answer = types.PredictResponse.deserialize(channel.unary_unary(PREDICT)(make_request(service.models[0])))

    assert [entry.display_name for entry in answer.payload] == ["red"]


@pytest.mark.parametrize(
    "path",
    [
        "/google.cloud.automl.v1.AutoMl/CreateModel",
        "/google.cloud.automl.v1.PredictionService/BatchPredict",
        "/google.cloud.automl.v1beta1.AutoMl/ListTableSpecs",
    ],
)
def test_unsupported_methods_are_unimplemented(channel: grpc.Channel, path: str) -> None:
    with pytest.raises(grpc.RpcError, match="serves exported models and trains none") as caught:
        channel.unary_unary(path)(b"")

    error: Any = caught.value
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED
    assert detail(error, error_details_pb2.ErrorInfo).metadata["method"] == path.removeprefix("/")


def test_a_slow_model_does_not_block_other_models(channel: grpc.Channel, service: PredictionService) -> None:
    call = channel.unary_unary(PREDICT)
    slow = [call.future(make_request(fault(service, "slow"))) for _ in range(8)]

    call(make_request(service.models[0]))

    assert not any(answer.done() for answer in slow)
    assert all(answer.result() for answer in slow)


def test_a_busy_model_returns_a_retry_delay(channel: grpc.Channel, service: PredictionService) -> None:
    with pytest.raises(grpc.RpcError, match="Too many requests") as caught:
        channel.unary_unary(PREDICT)(make_request(fault(service, "busy")))

    assert detail(caught.value, error_details_pb2.RetryInfo).retry_delay.seconds == 1


def is_unavailable(error: Exception) -> bool:
    return isinstance(error, grpc.RpcError) and error.code() is grpc.StatusCode.UNAVAILABLE


def test_a_client_can_reconnect_after_a_dropped_connection(channel: grpc.Channel, service: PredictionService) -> None:
    call = channel.unary_unary(PREDICT)

    with pytest.raises(grpc.RpcError) as caught:
        call(make_request(fault(service, "dropped")))

    error: Any = caught.value
    # gRPC's own words, not the service's: no answer came through.
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    assert "on purpose" not in error.details()
    # A call right after it may still meet the old connection's end, and is tried again as clients do.
    try_again = Retry(predicate=is_unavailable, initial=0.05, timeout=10)
    assert try_again(call)(make_request(service.models[0]))


def test_dropping_one_connection_does_not_affect_another(channel: grpc.Channel, service: PredictionService) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{service.start_grpc()}") as bystander, ThreadPoolExecutor() as threads:
        waiting = threads.submit(bystander.unary_unary(PREDICT), make_request(fault(service, "slow")))
        with pytest.raises(grpc.RpcError):
            channel.unary_unary(PREDICT)(make_request(fault(service, "dropped")))

        assert waiting.result()


def test_a_grpc_port_in_use_is_reported_as_invalid_settings(service: PredictionService) -> None:
    port = service.start_grpc()

    with pytest.raises(InvalidSettings, match=f"gRPC cannot listen on 127.0.0.1:{port}"):
        service.start_grpc(f"127.0.0.1:{port}")


def test_a_stopped_service_rejects_grpc_calls(service: PredictionService) -> None:
    port = service.start_grpc()
    service.stop()

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary(PREDICT)(make_request(service.models[0]))
