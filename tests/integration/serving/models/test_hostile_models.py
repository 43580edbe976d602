"""Malicious model files: in the models folder at startup, uploaded, and called for predictions."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from google.rpc import code_pb2

from lib.errors import UnservableModel
from lib.serving.automl.rest_front import RestServer
from lib.serving.models.model_runner import Limits
from lib.serving.models.served_models import ServedModel
from lib.serving.service import PredictionService
from tests.builders import hostile_exports as hostile
from tests.builders.checked_exports import make_service
from tests.builders.exports import COLORS, NetworkPlan, make_export, make_picture

HOSTILE = [
    hostile.make_crashing,
    hostile.make_growing,
    hostile.make_hanging,
    hostile.make_with_gigabytes,
    hostile.make_with_nan_weight,
]
LOCATION = "v1/projects/p/locations/us-central1"


def put(folder: Path, content: bytes) -> Path:
    make_export(folder)
    (folder / "model.tflite").write_bytes(content)
    return folder


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """Family `colors` with a good version v1."""
    make_export(tmp_path / "models/colors/v1")
    return tmp_path / "models"


@pytest.fixture
def service(models_dir: Path) -> Iterator[PredictionService]:
    service = make_service(models_dir, limits=Limits(call_s=2))
    yield service
    service.stop()


def top_label(model: ServedModel, picture: bytes) -> str:
    return model.labels[int(model.scores(picture).argmax())]


def test_the_service_starts_with_malicious_models_and_does_not_open_them_first(models_dir: Path) -> None:
    for make in HOSTILE:
        put(models_dir / "hostile" / make.__name__, make())

    service = PredictionService(models_dir, limits=Limits(call_s=2))
    port = service.start_grpc()
    checking = len(service.checking)
    service.start_checks()
    service.check_models()

    assert port > 0
    assert checking == len(HOSTILE) + 1
    assert service.checking == ()
    assert [(model.family, model.version) for model in service.models] == [("colors", "v1")]
    assert {folder.version for folder in service.refused} == {make.__name__ for make in HOSTILE}
    assert all(folder.reason for folder in service.refused)
    assert top_label(service.models[0], make_picture("red")) == "red"
    service.stop()


@pytest.mark.parametrize("make", HOSTILE)
def test_a_malicious_upload_is_rejected_and_the_service_stays_up(
    service: PredictionService, models_dir: Path, make: Callable[[], bytes]
) -> None:
    files = {"model.tflite": make(), "dict.txt": "\n".join(COLORS).encode()}

    with pytest.raises(UnservableModel):
        service.add_export("colors", "v2", files)

    assert not (models_dir / "colors/v2").exists()
    assert list(models_dir.glob(".upload-*")) == []
    assert top_label(service.models[0], make_picture("green")) == "green"


@pytest.mark.parametrize("head", ["SOFTMAX", "LOGISTIC"])
def test_an_upload_with_numerically_unstable_scores_is_rejected(service: PredictionService, head: str) -> None:
    model = hostile.make_with_nan_weight(NetworkPlan(head=head, quantized_output=True))
    files = {"model.tflite": model, "dict.txt": "\n".join(COLORS).encode()}

    with pytest.raises(UnservableModel, match=r"returned a score of nan\..*The fault is in the model file"):
        service.add_export("colors", "v2", files)


@pytest.fixture
def dying(service: PredictionService) -> ServedModel:
    """A version that passed its check and crashes its process on bright images."""
    files = {"model.tflite": hostile.make_dying_on_bright(), "dict.txt": "\n".join(COLORS).encode()}
    return service.add_export("colors", "v2", files)


def predict(client: httpx.Client, model: ServedModel, picture: bytes) -> httpx.Response:
    body = {"payload": {"image": {"imageBytes": base64.b64encode(picture).decode()}}}
    return client.post(f"{LOCATION}/models/{model.model_id}:predict", json=body)


def test_repeated_crashes_are_reported_over_rest_and_undeploy_the_version(
    service: PredictionService, dying: ServedModel
) -> None:
    rest = RestServer(service.rest_app, "127.0.0.1", 0)
    name = f"{LOCATION}/models/{dying.model_id}"
    with httpx.Client(base_url=f"http://127.0.0.1:{rest.port}", trust_env=False, timeout=30) as client:
        deaths = [predict(client, dying, make_picture("white")).json()["error"] for _ in range(3)]
        refused = predict(client, dying, make_picture("black")).json()["error"]
        state = client.get(name).json()["deploymentState"]
        others = predict(client, service.models[0], make_picture("white")).status_code
        client.post(f"{name}:deploy", json={})
        back = predict(client, dying, make_picture("black")).status_code
    rest.stop()

    assert [(death["code"], death["status"]) for death in deaths] == [(500, "INTERNAL")] * 3
    assert "crashed its process" in deaths[0]["message"]
    assert (refused["code"], refused["status"]) == (400, "FAILED_PRECONDITION")
    assert "The model is out of service" in refused["message"]
    assert state == "UNDEPLOYED"
    assert (others, back) == (200, 200)


def test_a_model_timeout_is_reported_over_rest(service: PredictionService) -> None:
    files = {"model.tflite": hostile.make_hanging_on_bright(), "dict.txt": "\n".join(COLORS).encode()}
    hanging = service.add_export("colors", "v2", files)
    rest = RestServer(service.rest_app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{rest.port}", trust_env=False, timeout=30) as client:
        error = predict(client, hanging, make_picture("white")).json()["error"]
    rest.stop()

    assert (error["code"], error["status"]) == (504, "DEADLINE_EXCEEDED")
    assert "The model did not respond within 2 seconds." in error["message"]


def test_the_vertex_ai_stand_in_reports_the_same_errors(service: PredictionService, dying: ServedModel) -> None:
    rest = RestServer(service.vertex_app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{rest.port}/{LOCATION}", trust_env=False, timeout=30) as client:
        (endpoint,) = (
            each for each in client.get("/endpoints").json()["endpoints"] if each["displayName"] == "colors-v2"
        )
        url = f"{LOCATION}/endpoints/{endpoint['name'].rpartition('/')[2]}"
        model = {"model": endpoint["deployedModels"][0]["model"] + "@2", "automaticResources": {"minReplicaCount": 1}}
        died, *_, last = (ask_vertex(client, url, "white") for _ in range(4))
        client.post(f"http://127.0.0.1:{rest.port}/{url}:deployModel", json={"deployedModel": model})
        back = ask_vertex(client, url, "black")
    rest.stop()

    assert (died.status_code, last.status_code, back.status_code) == (500, 400, 200)
    assert "The model is out of service" in last.json()["error"]["message"]


def ask_vertex(client: httpx.Client, url: str, color: str) -> httpx.Response:
    content = base64.b64encode(make_picture(color)).decode()
    return client.post(
        f"{client.base_url.copy_with(path='/')}{url}:predict", json={"instances": [{"content": content}]}
    )


def test_three_crashes_change_the_status_of_the_service(service: PredictionService, dying: ServedModel) -> None:
    before = service.standing

    for _ in range(3):
        with pytest.raises(Exception, match="crashed its process") as caught:
            dying.scores(make_picture("white"))
        assert caught.value.code == code_pb2.INTERNAL  # type: ignore[attr-defined]

    assert service.standing != before


def test_stopping_the_service_stops_its_workers(service: PredictionService) -> None:
    service.models[0].scores(make_picture())
    running = service.count_workers()

    service.stop()

    assert (running, service.count_workers()) == (1, 0)
