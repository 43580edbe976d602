"""Each prediction call is counted and has a line in the log, however it ends."""

from dataclasses import replace

import pytest

from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.errors import ServiceError
from lib.providers.automl import AutomlClient
from lib.workflows.observed_client import ObservedClient
from lib.workflows.prediction_context import PredictionContext
from lib.workflows.prediction_tasks import PredictionTasks
from tests.builders.figures import read_figure
from tests.builders.values import make_prepared_image, make_version
from tests.integration.workflows.test_predict import make_uploads

Versions = dict[str, ModelVersion]


def count_calls(outcome: str) -> float:
    return read_figure("second_look_predictions_total", provider="built-in", outcome=outcome)


def read_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """The fields of the lines about predictions."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="lib")


def test_a_prediction_is_reported_with_its_session_and_job(
    prediction_context: PredictionContext, session: Session, versions: Versions, caplog: pytest.LogCaptureFixture
) -> None:
    before = count_calls("ok")
    context = replace(prediction_context, client=ObservedClient(prediction_context.client))
    tasks = PredictionTasks(context, session.id, [versions["imagenet v1"]])

    tasks.add_uploads(make_uploads(2))
    tasks.job.wait(60)

    lines = read_lines(caplog)
    assert count_calls("ok") == before + 2
    assert [(line["event"], line["version"], line["outcome"]) for line in lines] == [
        ("prediction", "imagenet v1", "ok")
    ] * 2
    assert {(line["session"], line["job"]) for line in lines} == {(session.id, tasks.job.id)}


@pytest.mark.parametrize(("version", "outcome"), [("faults busy", "service_busy"), ("gone", "model_gone")])
def test_a_call_that_fails_is_reported_with_the_kind_of_its_error(
    client: AutomlClient, versions: Versions, caplog: pytest.LogCaptureFixture, version: str, outcome: str
) -> None:
    before = count_calls(outcome)
    name = "projects/second-look/locations/us-central1/models/ICN404"
    asked = {**versions, "gone": make_version("gone", model_name=name)}[version]

    with pytest.raises(ServiceError):
        ObservedClient(client).predict(asked, make_prepared_image())

    assert count_calls(outcome) == before + 1
    assert [line["outcome"] for line in read_lines(caplog)] == [outcome]


def test_a_defect_is_reported_too(versions: Versions, caplog: pytest.LogCaptureFixture) -> None:
    class BrokenClient:
        def predict(self, *_: object) -> None:
            raise ZeroDivisionError

    before = count_calls("defect")

    with pytest.raises(ZeroDivisionError):
        ObservedClient(BrokenClient()).predict(versions["imagenet v1"], make_prepared_image())  # type: ignore[arg-type]

    assert count_calls("defect") == before + 1
    assert [line["outcome"] for line in read_lines(caplog)] == ["defect"]
