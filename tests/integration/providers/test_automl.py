"""Google's client against the running built-in service."""

from dataclasses import replace

import pytest

from lib.domain.images import ImageLimits, PreparedImage
from lib.domain.predictions import ModelVersion
from lib.errors import (
    ModelGone,
    ModelUndeployed,
    PredictionTimedOut,
    ServiceBusy,
    ServiceRefused,
    ServiceUnreachable,
)
from lib.images.preparation import prepare_image
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server
from lib.providers.retries import Timeouts
from lib.settings import ROOT
from tests.builders.interpreter import interpreter_scores

Versions = dict[str, ModelVersion]


def make_sample(name: str = "espresso.jpg") -> PreparedImage:
    return prepare_image((ROOT / "samples" / name).read_bytes(), name, ImageLimits())


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_prediction_has_the_scores_of_the_interpreter(client: AutomlClient, versions: Versions, version: str) -> None:
    sample = make_sample()

    prediction = client.predict(versions[f"imagenet {version}"], sample)

    scores = dict(zip(prediction.labels, prediction.values, strict=True))
    assert scores == pytest.approx(interpreter_scores(sample.content, version), abs=1e-6)


def test_a_photograph_of_espresso_is_labeled_espresso(client: AutomlClient, versions: Versions) -> None:
    top = client.predict(versions["imagenet v1"], make_sample()).top

    # models/README.md: about 0.95
    assert top is not None
    assert top.label == "espresso"
    assert top.value == pytest.approx(0.95, abs=0.05)


def test_a_prediction_includes_labels_with_low_scores(client: AutomlClient, versions: Versions) -> None:
    prediction = client.predict(versions["imagenet v1"], make_sample("cat.jpg"))

    assert len(prediction.labels) == 1000
    assert min(prediction.values) < 0.5


def test_versions_are_grouped_in_families_and_sorted(client: AutomlClient) -> None:
    found = client.find_versions("second-look", "eu")

    assert [(each.version.family, each.version.version) for each in found if each.version.family == "imagenet"] == [
        ("imagenet", "v1"),
        ("imagenet", "v2"),
    ]


def test_a_model_name_contains_the_project_and_region(client: AutomlClient) -> None:
    (served, *_) = client.find_versions("second-look", "local")

    version = served.version
    assert version.model_name.startswith("projects/second-look/locations/local/models/ICN")
    assert version.model_id.startswith("ICN")


def test_predicting_with_a_removed_version_raises_model_gone(client: AutomlClient, versions: Versions) -> None:
    removed = replace(versions["imagenet v1"], model_name="projects/second-look/locations/eu/models/ICN404")

    with pytest.raises(ModelGone, match="cannot find v1"):
        client.predict(removed, make_sample())


def test_a_version_predicts_only_while_it_is_deployed(client: AutomlClient, versions: Versions) -> None:
    version = versions["imagenet v2"]
    list(client.undeploy(version))

    with pytest.raises(ModelUndeployed, match="not deployed"):
        client.predict(version, make_sample())
    shares = list(client.deploy(version, nodes=1))

    assert shares[-1] == 1.0

    assert client.predict(version, make_sample()).top is not None


def test_a_call_that_fails_twice_is_retried(client: AutomlClient, versions: Versions) -> None:
    assert client.predict(versions["faults flaky"], make_sample()).top is not None


def test_retries_of_a_busy_service_end_with_an_actionable_error(client: AutomlClient, versions: Versions) -> None:
    with pytest.raises(ServiceBusy, match="too many requests for busy"):
        client.predict(versions["faults busy"], make_sample())


def test_a_dropped_connection_is_unreachable(client: AutomlClient, versions: Versions) -> None:
    with pytest.raises(ServiceUnreachable, match="try again"):
        client.predict(versions["faults dropped"], make_sample())


def test_a_call_to_a_slow_service_times_out(service_port: int, versions: Versions) -> None:
    hurried = AutomlClient(built_in_server(f"127.0.0.1:{service_port}"), Timeouts(call_s=0.1, retry_for_s=0))

    with pytest.raises(PredictionTimedOut, match="timed out on slow"):
        hurried.predict(versions["faults slow"], make_sample())
    hurried.close()


def test_a_service_that_is_not_running_is_unreachable(versions: Versions) -> None:
    lost = AutomlClient(built_in_server("127.0.0.1:1"), Timeouts(retry_for_s=0))

    with pytest.raises(ServiceUnreachable, match="Cannot reach the built-in service"):
        lost.predict(versions["imagenet v1"], make_sample())
    lost.close()


def test_other_errors_keep_the_message_of_the_service(client: AutomlClient, versions: Versions) -> None:
    no_image = replace(make_sample(), content=b"not an image")

    with pytest.raises(ServiceRefused, match="image"):
        client.predict(versions["imagenet v1"], no_image)
