"""Fault models: versions that fail on purpose."""

import time
from pathlib import Path

import pytest
from google.rpc import code_pb2

from lib.serving.api_errors import ApiError
from lib.serving.error_boundary import ConnectionDropped
from lib.serving.models.fault_models import fault_models
from lib.serving.models.served_models import ServedModel
from tests.builders.checked_exports import make_service
from tests.builders.exports import make_picture


@pytest.fixture
def faults(models: tuple[ServedModel, ...]) -> dict[str, ServedModel]:
    """The fault models that answer with `colors v1`, by version name."""
    return {fault.version: fault for fault in fault_models(models[0], wait_s=0.05)}


def refusal_of(model: ServedModel, image: bytes) -> int:
    """Return the error code of a prediction."""
    with pytest.raises(ApiError) as caught:
        model.scores(image)
    return caught.value.code


def test_the_faults_family_has_four_versions(faults: dict[str, ServedModel]) -> None:
    assert sorted(faults) == ["busy", "dropped", "flaky", "slow"]
    assert {fault.family for fault in faults.values()} == {"faults"}
    assert len({fault.model_id for fault in faults.values()}) == 4


def test_the_slow_model_returns_the_scores_of_the_model_after_a_delay(
    faults: dict[str, ServedModel], models: tuple[ServedModel, ...]
) -> None:
    start = time.monotonic()
    scores = faults["slow"].scores(make_picture())

    assert time.monotonic() - start >= 0.05
    assert scores.tolist() == models[0].scores(make_picture()).tolist()


def test_the_flaky_model_fails_twice_for_each_image_before_it_succeeds(faults: dict[str, ServedModel]) -> None:
    flaky, red, blue = faults["flaky"], make_picture("red"), make_picture("blue")

    codes = [refusal_of(flaky, image) for image in (red, blue, red, blue)]

    assert codes == [code_pb2.UNAVAILABLE] * 4
    assert (flaky.scores(red).shape, flaky.scores(blue).shape) == ((3,), (3,))


def test_the_busy_model_returns_a_retry_delay(faults: dict[str, ServedModel]) -> None:
    with pytest.raises(ApiError, match="Too many requests") as caught:
        faults["busy"].scores(make_picture())

    assert caught.value.code == code_pb2.RESOURCE_EXHAUSTED
    assert caught.value.details[0].retry_delay.seconds == 1


def test_the_dropped_model_never_returns_a_response(faults: dict[str, ServedModel]) -> None:
    with pytest.raises(ConnectionDropped):
        faults["dropped"].scores(make_picture())


def test_fault_models_are_off_by_default(models_dir: Path) -> None:
    families = {model.family for model in make_service(models_dir).models}
    with_faults = {model.family for model in make_service(models_dir, fault_wait_s=2).models}

    assert with_faults - families == {"faults"}


def test_a_service_without_models_has_no_fault_models(tmp_path: Path) -> None:
    assert make_service(tmp_path, fault_wait_s=2).models == ()
