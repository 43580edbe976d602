"""Resource names."""

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.automl.automl_names import AutomlName, parse_location, parse_model_name, parse_name


@pytest.mark.parametrize("region", ["us-central1", "eu", "local"])
def test_every_project_has_the_three_regions(region: str) -> None:
    name = f"projects/example.com:my-project/locations/{region}"

    assert parse_location(name, "parent") == name


@pytest.mark.parametrize("region", ["-", "europe-west4", "US-CENTRAL1"])
def test_an_unsupported_region_is_rejected_with_the_supported_ones(region: str) -> None:
    with pytest.raises(ApiError, match="use us-central1, eu, local") as caught:
        parse_location(f"projects/p/locations/{region}", "parent")

    assert caught.value.details[0].field_violations[0].field == "parent"


@pytest.mark.parametrize("name", ["", "projects/p", "projects//locations/eu", "projects/p/locations/eu/", "x/p/y/eu"])
def test_an_invalid_location_is_rejected(name: str) -> None:
    with pytest.raises(ApiError, match="Expected projects/PROJECT/locations/REGION"):
        parse_location(name, "parent")


def test_a_model_name_is_parsed_into_its_parts() -> None:
    parts = parse_model_name("projects/p/locations/eu/models/ICN12")

    assert parts == AutomlName(location="projects/p/locations/eu", id="ICN12")


@pytest.mark.parametrize("model_id", ["3745331181667467569", "IC", "I1N2"])
def test_a_model_id_must_start_with_three_letters(model_id: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_model_name(f"projects/p/locations/eu/models/{model_id}")

    assert str(caught.value) == "Model ID is invalid. It should start with 3 letters."


@pytest.mark.parametrize(
    "name",
    [
        "projects/p/locations/eu/models/",
        "projects/p/locations/eu/models/ICN1/modelEvaluations/2",
        "projects/p/locations/eu/datasets/ICN1",
        "locations/eu/models/ICN1",
    ],
)
def test_a_name_outside_the_collection_is_rejected(name: str) -> None:
    with pytest.raises(ApiError, match="Expected projects/PROJECT/locations/REGION/models/ID"):
        parse_name(name, "models")
