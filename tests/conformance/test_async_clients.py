"""Google's asyncio clients against the running service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import automl_v1, automl_v1beta1

from lib.settings import ROOT
from tests.conformance.conftest import LOCATION, Running

BOTH_VERSIONS = pytest.mark.parametrize("automl", [automl_v1, automl_v1beta1], ids=["v1", "v1beta1"])


@asynccontextmanager
async def make_clients(running: Running, automl: ModuleType) -> AsyncIterator[tuple[Any, Any]]:
    """The clients of models and of predictions, on a connection of their own."""
    options = [("grpc.enable_http_proxy", 0)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{running.grpc_port}", options=options) as channel:
        models = automl.AutoMlAsyncClient.get_transport_class("grpc_asyncio")(channel=channel)
        predictions = automl.PredictionServiceAsyncClient.get_transport_class("grpc_asyncio")(channel=channel)
        yield (
            automl.AutoMlAsyncClient(transport=models),
            automl.PredictionServiceAsyncClient(transport=predictions),
        )


@BOTH_VERSIONS
def test_eight_predictions_at_once_are_all_answered(running: Running, automl: ModuleType) -> None:
    content = (ROOT / "samples/espresso.jpg").read_bytes()
    payload = automl.ExamplePayload(image=automl.Image(image_bytes=content))

    async def ask() -> list[Any]:
        async with make_clients(running, automl) as (_, predictions):
            name = running.name_of("imagenet/v1")
            return await asyncio.gather(*(predictions.predict(name=name, payload=payload) for _ in range(8)))

    answers = asyncio.run(ask())

    assert [answer.payload[0].display_name for answer in answers] == ["espresso"] * 8


@BOTH_VERSIONS
def test_models_are_listed_and_deployed(running: Running, automl: ModuleType) -> None:
    async def ask() -> tuple[list[str], Any]:
        async with make_clients(running, automl) as (models, _):
            listed = await models.list_models({"parent": LOCATION, "page_size": 2})
            names = [model.display_name async for model in listed]
            operation = await models.deploy_model(name=running.name_of("imagenet/v1"))
            return names, await operation.result(timeout=30)

    names, _ = asyncio.run(ask())

    assert names == ["v1", "v2", "busy", "dropped", "flaky", "slow"]


@BOTH_VERSIONS
def test_errors_arrive_with_their_details(running: Running, automl: ModuleType) -> None:
    async def ask() -> None:
        async with make_clients(running, automl) as (models, _):
            await models.get_model(name=f"{LOCATION}/models/ICN404")

    with pytest.raises(exceptions.NotFound, match="Model not found") as caught:
        asyncio.run(ask())

    assert caught.value.details[0].resource_type == "automl.googleapis.com/Model"
