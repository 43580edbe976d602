"""Google's official clients, both API versions, gRPC and REST, against the running service."""

from typing import Any

import pytest
from google.api_core import exceptions
from google.protobuf import json_format

from lib.settings import ROOT
from tests.conformance.conftest import LOCATION, Clients, Running

ESPRESSO = (ROOT / "samples/espresso.jpg").read_bytes()
MAX_IMAGE_BYTES = 30 * 1024 * 1024


def predict(clients: Clients, name: str, content: bytes = ESPRESSO, **params: str) -> Any:
    payload = clients.automl.ExamplePayload(image=clients.automl.Image(image_bytes=content))
    return clients.predictions.predict(name=name, payload=payload, params=params).payload


def detail_of(error: exceptions.GoogleAPICallError) -> dict[str, Any]:
    """The first detail of an error as JSON, which REST's clients give as it is, and gRPC's as a message."""
    detail = error.details[0]
    written: dict[str, Any] = detail if isinstance(detail, dict) else json_format.MessageToDict(detail)
    return written


def field_of(error: exceptions.GoogleAPICallError) -> str:
    """The field that an invalid argument names."""
    (violation,) = detail_of(error)["fieldViolations"]
    field: str = violation["field"]
    return field


# Over REST, all that is 400 arrives as BadRequest; gRPC's InvalidArgument and FailedPrecondition are kinds of it.


def test_espresso_is_the_only_label_with_a_score_of_one_half_or_more(clients: Clients, running: Running) -> None:
    (entry,) = predict(clients, running.name_of("imagenet/v1"))

    # models/README.md: about 0.95
    assert (entry.display_name, entry.annotation_spec_id) == ("espresso", "967")
    assert entry.classification.score == pytest.approx(0.95, abs=0.05)


def test_all_labels_are_sorted_by_score_and_sum_to_one(clients: Clients, running: Running) -> None:
    payload = predict(clients, running.name_of("imagenet/v2"), score_threshold="0.0")

    scores = [entry.classification.score for entry in payload]
    assert len({entry.display_name for entry in payload}) == 1000
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1.0, abs=1e-3)


def test_a_threshold_excludes_labels_with_lower_scores(clients: Clients, running: Running) -> None:
    everything = predict(clients, running.name_of("imagenet/v1"), score_threshold="0")
    truncated = predict(clients, running.name_of("imagenet/v1"), score_threshold="0.001")

    assert [entry.display_name for entry in truncated] == [
        entry.display_name for entry in everything if entry.classification.score >= 0.001
    ]
    assert 1 < len(truncated) < 1000


def test_a_bad_threshold_is_an_invalid_argument_that_names_the_field(clients: Clients, running: Running) -> None:
    with pytest.raises(exceptions.BadRequest, match="from 0 to 1") as caught:
        predict(clients, running.name_of("imagenet/v1"), score_threshold="1.5")

    assert field_of(caught.value) == "params.score_threshold"


def test_an_image_of_30_mb_is_accepted(clients: Clients, running: Running) -> None:
    # What follows the end of a JPEG is not looked at.
    padded = ESPRESSO.ljust(MAX_IMAGE_BYTES, b"\0")

    assert predict(clients, running.name_of("imagenet/v1"), padded)[0].display_name == "espresso"


def test_an_image_over_30_mb_is_an_invalid_argument(clients: Clients, running: Running) -> None:
    with pytest.raises(exceptions.BadRequest, match="more than 30 MB") as caught:
        predict(clients, running.name_of("imagenet/v1"), ESPRESSO.ljust(MAX_IMAGE_BYTES + 1, b"\0"))

    assert field_of(caught.value) == "payload.image.image_bytes"


@pytest.mark.parametrize("content", [b"", b"not an image", ESPRESSO[:5000]])
def test_bytes_that_are_not_an_image_are_an_invalid_argument(
    clients: Clients, running: Running, content: bytes
) -> None:
    with pytest.raises(exceptions.BadRequest) as caught:
        predict(clients, running.name_of("imagenet/v1"), content)

    assert field_of(caught.value) == "payload.image.image_bytes"


def test_a_text_payload_is_an_invalid_argument(clients: Clients, running: Running) -> None:
    payload = clients.automl.ExamplePayload(text_snippet=clients.automl.TextSnippet(content="a cat"))

    with pytest.raises(exceptions.BadRequest, match="text_snippet") as caught:
        clients.predictions.predict(name=running.name_of("imagenet/v1"), payload=payload)

    assert field_of(caught.value) == "payload.image"


def test_models_are_listed_over_several_pages(clients: Clients, running: Running) -> None:
    request = {"parent": LOCATION, "page_size": 1}

    names = [model.name for model in clients.models.list_models(request)]

    assert names == [f"{LOCATION}/models/{model.model_id}" for model in running.service.models]


def test_listing_and_getting_a_model_return_the_same_resource(clients: Clients, running: Running) -> None:
    listed, *_ = clients.models.list_models(parent=LOCATION)

    model = clients.models.get_model(name=running.name_of("imagenet/v1"))

    assert model == listed
    assert (model.display_name, model.deployment_state.name) == ("v1", "DEPLOYED")
    # 5.4 MB lies between AutoML's versatile and high-accuracy models, nearer to the first.
    assert model.image_classification_model_metadata.model_type == "mobile-versatile-1"


def test_the_dataset_of_a_model_is_its_family(clients: Clients, running: Running) -> None:
    model = clients.models.get_model(name=running.name_of("imagenet/v2"))

    dataset = clients.models.get_dataset(name=f"{LOCATION}/datasets/{model.dataset_id}")

    assert dataset in list(clients.models.list_datasets(parent=LOCATION))
    assert dataset.display_name == "imagenet"
    assert dataset.image_classification_dataset_metadata.classification_type.name == "MULTICLASS"


def test_models_can_be_filtered_by_dataset(clients: Clients, running: Running) -> None:
    model = clients.models.get_model(name=running.name_of("imagenet/v1"))

    found = clients.models.list_models({"parent": LOCATION, "filter": f"dataset_id={model.dataset_id}"})

    assert [each.display_name for each in found] == ["v1", "v2"]


def test_a_model_is_undeployed_and_deployed_again(clients: Clients, running: Running) -> None:
    name = running.name_of("imagenet/v2")

    undeployed = clients.models.undeploy_model(name=name)
    undeployed.result(timeout=30)
    state = clients.models.get_model(name=name).deployment_state.name
    with pytest.raises(exceptions.BadRequest, match="not deployed") as caught:
        predict(clients, name)
    deployed = clients.models.deploy_model(name=name)
    deployed.result(timeout=30)

    assert state == "UNDEPLOYED"
    assert isinstance(undeployed.metadata, clients.automl.OperationMetadata)
    assert deployed.metadata.progress_percent == 100
    assert detail_of(caught.value)["violations"][0]["subject"] == name
    assert predict(clients, name)


def test_an_unknown_model_is_not_found(clients: Clients) -> None:
    name = f"{LOCATION}/models/ICN404"

    with pytest.raises(exceptions.NotFound, match="Model not found") as caught:
        clients.models.get_model(name=name)

    assert detail_of(caught.value)["resourceName"] == name


def test_an_unsupported_region_is_an_invalid_argument_that_lists_the_regions(clients: Clients) -> None:
    with pytest.raises(exceptions.BadRequest, match="us-central1, eu, local") as caught:
        clients.models.list_models(parent="projects/my-project/locations/europe-west4")

    assert field_of(caught.value) == "parent"


def test_a_model_id_of_another_service_gets_the_automl_error_message(clients: Clients) -> None:
    with pytest.raises(exceptions.BadRequest, match=r"Model ID is invalid\. It should start with 3 letters\."):
        predict(clients, f"{LOCATION}/models/3745331181667467569")


def test_a_busy_model_returns_a_retry_delay(clients: Clients, running: Running) -> None:
    with pytest.raises(exceptions.TooManyRequests) as caught:
        predict(clients, running.name_of("faults/busy"))

    assert detail_of(caught.value)["retryDelay"] == "1s"


@pytest.mark.parametrize(
    ("method", "request_fields"),
    [
        ("delete_model", {"name": f"{LOCATION}/models/ICN1"}),
        ("create_dataset", {"parent": LOCATION, "dataset": {"display_name": "x"}}),
        ("get_annotation_spec", {"name": f"{LOCATION}/datasets/ICN1/annotationSpecs/1"}),
    ],
)
def test_training_methods_are_unimplemented(clients: Clients, method: str, request_fields: dict[str, Any]) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="trains none"):
        getattr(clients.models, method)(request_fields)


def test_batch_prediction_is_unimplemented(clients: Clients) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="BatchPredict"):
        clients.predictions.batch_predict({"name": f"{LOCATION}/models/ICN1"})
