"""PredictionService.Predict."""

from pathlib import Path
from typing import Any

import pytest
from google.cloud.automl_v1 import types

from lib.serving.api_errors import ApiError
from lib.serving.automl.deployment_states import DeploymentStates
from lib.serving.automl.methods import RpcMethod, make_methods
from lib.serving.automl.operations import OperationMethods
from lib.serving.models.served_models import ServedModel
from tests.builders.checked_exports import read_library
from tests.builders.exports import make_export, make_picture

V1 = "google.cloud.automl.v1"


@pytest.fixture
def predict(models: tuple[ServedModel, ...]) -> RpcMethod:
    """The method, serving `models`."""
    return make_methods(models, DeploymentStates(), OperationMethods())[f"{V1}.PredictionService/Predict"]


def make_request(model: ServedModel, params: dict[str, str] | None = None, **changes: Any) -> Any:
    fields = {
        "name": f"projects/p/locations/eu/models/{model.model_id}",
        "payload": {"image": {"image_bytes": make_picture("red")}},
        "params": params or {},
    }
    return types.PredictRequest.pb()(**fields | changes)


# Scores of a red picture (see test_served_models.py): colors, a softmax, red 0.576, green and blue 0.212 each;
# tags, a logistic head, red 0.731, green and blue exactly 0.5.


def test_the_default_score_threshold_is_one_half(predict: RpcMethod, models: tuple[ServedModel, ...]) -> None:
    colors, tags = (predict(make_request(model)).payload for model in models)

    assert [entry.display_name for entry in colors] == ["red"]
    assert [entry.display_name for entry in tags] == ["red", "green", "blue"]


def test_a_threshold_of_zero_returns_all_labels_by_descending_score(
    predict: RpcMethod, models: tuple[ServedModel, ...]
) -> None:
    green = {"image": {"image_bytes": make_picture("#00ff00")}}

    payload = predict(make_request(models[0], {"score_threshold": "0"}, payload=green)).payload

    assert [(entry.annotation_spec_id, entry.display_name) for entry in payload] == [
        ("1", "green"),
        ("0", "red"),
        ("2", "blue"),
    ]
    assert [entry.classification.score for entry in payload] == pytest.approx([0.576117, 0.211942, 0.211942], abs=1e-6)


def test_long_and_non_ascii_labels_are_returned_unchanged(tmp_path: Path) -> None:
    labels = ("r" * 500, "猫 (Katze)", "--other--")
    make_export(tmp_path / "long" / "v1", labels=labels)
    (model,) = read_library(tmp_path).models
    predict = make_methods((model,), DeploymentStates(), OperationMethods())[f"{V1}.PredictionService/Predict"]

    payload = predict(make_request(model, {"score_threshold": "0"})).payload

    assert tuple(entry.display_name for entry in payload) == labels


def test_a_response_may_have_no_labels(predict: RpcMethod, models: tuple[ServedModel, ...]) -> None:
    assert not predict(make_request(models[0], {"score_threshold": "1.0"})).payload


def test_predictions_do_not_affect_each_other(predict: RpcMethod, models: tuple[ServedModel, ...]) -> None:
    request = make_request(models[0], {"score_threshold": "0"})
    blue = {"image": {"image_bytes": make_picture("#0000ff")}}

    first = predict(request).SerializeToString()
    predict(make_request(models[0], {"score_threshold": "0"}, payload=blue))

    assert predict(request).SerializeToString() == first


# Google: where a parameter is documented in snake_case or kebab-case, either is taken.
def test_the_threshold_parameter_may_be_spelled_with_a_dash(
    predict: RpcMethod, models: tuple[ServedModel, ...]
) -> None:
    assert not predict(make_request(models[0], {"score-threshold": "1.0"})).payload


@pytest.mark.parametrize("threshold", ["high", "-0.1", "1.01", "nan", "inf", ""])
def test_a_threshold_that_is_not_a_number_from_0_to_1_is_rejected(
    predict: RpcMethod, models: tuple[ServedModel, ...], threshold: str
) -> None:
    with pytest.raises(ApiError, match="a number from 0 to 1") as caught:
        predict(make_request(models[0], {"score_threshold": threshold}))

    assert caught.value.details[0].field_violations[0].field == "params.score_threshold"


@pytest.mark.parametrize(
    ("payload", "found"), [({"text_snippet": {"content": "a cat"}}, "text_snippet"), ({}, "nothing")]
)
def test_a_payload_that_is_not_an_image_is_rejected(
    predict: RpcMethod, models: tuple[ServedModel, ...], payload: dict[str, Any], found: str
) -> None:
    with pytest.raises(ApiError, match=f"Expected an image, got {found}"):
        predict(make_request(models[0], payload=payload))


def test_an_unknown_model_is_not_found(predict: RpcMethod, models: tuple[ServedModel, ...]) -> None:
    with pytest.raises(ApiError, match="Model not found: projects/p/locations/eu/models/ICN1") as caught:
        predict(make_request(models[0], name="projects/p/locations/eu/models/ICN1"))

    assert caught.value.details[0].resource_type == "automl.googleapis.com/Model"


def test_a_model_predicts_only_while_it_is_deployed(models: tuple[ServedModel, ...]) -> None:
    methods = make_methods(models, DeploymentStates(), OperationMethods())
    predict = methods[f"{V1}.PredictionService/Predict"]
    request = make_request(models[0])

    methods["google.cloud.automl.v1beta1.AutoMl/UndeployModel"](types.UndeployModelRequest.pb()(name=request.name))
    with pytest.raises(ApiError, match="not deployed") as caught:
        predict(request)
    methods[f"{V1}.AutoMl/DeployModel"](types.DeployModelRequest.pb()(name=request.name))

    assert caught.value.details[0].violations[0].subject == request.name
    assert len(predict(request).payload) == 1


def test_image_bytes_that_hold_a_data_url_are_rejected_with_a_hint(
    predict: RpcMethod, models: tuple[ServedModel, ...]
) -> None:
    payload = {"image": {"image_bytes": b"data:image/jpeg;base64,/9j/4A=="}}

    with pytest.raises(ApiError, match=r"is a data: URL[.] Send only the part after the comma"):
        predict(make_request(models[0], payload=payload))
