"""The supported methods, and how unexpected errors are returned."""

import logging
from dataclasses import replace

import pytest
from google.cloud.automl_v1 import types
from google.rpc import code_pb2

from lib.serving.api_errors import ApiError
from lib.serving.automl.deployment_states import DeploymentStates
from lib.serving.automl.http_rules import METHOD_NAMES
from lib.serving.automl.methods import make_methods
from lib.serving.automl.operations import OperationMethods
from lib.serving.models.served_models import ServedModel
from tests.builders.exports import make_picture


def test_every_supported_method_belongs_to_the_api(models: tuple[ServedModel, ...]) -> None:
    assert make_methods(models, DeploymentStates(), OperationMethods()).keys() <= set(METHOD_NAMES)


def test_both_versions_have_the_same_methods(models: tuple[ServedModel, ...]) -> None:
    methods = make_methods(models, DeploymentStates(), OperationMethods()).keys()

    v1 = {name.replace(".v1.", ".v1beta1.") for name in methods if ".v1." in name}
    assert v1 == {name for name in methods if ".v1beta1." in name}
    assert len(v1) == 9


def test_an_internal_error_is_logged_and_hidden_from_the_caller(
    models: tuple[ServedModel, ...], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: bytes) -> None:
        raise LookupError("a secret of ours")

    faulty = (replace(models[0], before_answer=fail),)
    predict = make_methods(faulty, DeploymentStates(), OperationMethods())[
        "google.cloud.automl.v1.PredictionService/Predict"
    ]
    request = types.PredictRequest.pb()(
        name=f"projects/p/locations/eu/models/{models[0].model_id}",
        payload={"image": {"image_bytes": make_picture()}},
    )
    with caplog.at_level(logging.ERROR), pytest.raises(ApiError) as caught:
        predict(request)

    assert caught.value.code == code_pb2.INTERNAL
    assert "secret" not in str(caught.value)
    assert "a secret of ours" in caplog.text
