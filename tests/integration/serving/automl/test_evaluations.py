"""Model evaluations as the API returns them."""

from pathlib import Path
from typing import Any

import pytest
from google.cloud.automl_v1 import types

from lib.serving.api_errors import ApiError
from lib.serving.automl.catalog import Catalog
from lib.serving.automl.deployment_states import DeploymentStates
from tests.builders.checked_exports import read_library
from tests.builders.evaluations import write_evaluations

LOCATION = "projects/p/locations/eu"


@pytest.fixture
def catalog(models_dir: Path) -> Catalog:
    """Colors v1 with evaluations, and tags v1 without."""
    write_evaluations(models_dir / "colors" / "v1")
    models = read_library(models_dir).models
    return Catalog(models, DeploymentStates())


@pytest.fixture
def names(models_dir: Path) -> list[str]:
    """Names of colors v1 and tags v1."""
    return [f"{LOCATION}/models/{model.model_id}" for model in read_library(models_dir).models]


def make_listing(parent: str, **fields: Any) -> Any:
    return types.ListModelEvaluationsRequest.pb()(parent=parent, **fields)


def make_get(name: str) -> Any:
    return types.GetModelEvaluationRequest.pb()(name=name)


def test_evaluations_are_listed_under_the_name_in_the_request(catalog: Catalog, names: list[str]) -> None:
    listed = catalog.list_evaluations(make_listing(names[0])).model_evaluation

    assert [each.display_name for each in listed] == ["", "red", "green", "blue"]
    assert {each.name.rpartition("/")[0] for each in listed} == {f"{names[0]}/modelEvaluations"}


def test_a_version_without_an_evaluation_file_has_no_evaluations(catalog: Catalog, names: list[str]) -> None:
    assert len(catalog.list_evaluations(make_listing(names[1])).model_evaluation) == 0


def test_a_dash_lists_the_evaluations_of_all_models_in_the_region(catalog: Catalog, names: list[str]) -> None:
    assert catalog.list_evaluations(make_listing(f"{LOCATION}/models/-")) == catalog.list_evaluations(
        make_listing(names[0])
    )


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("NOT annotation_spec_id:*", [""]),
        ("annotation_spec_id:*", ["red", "green", "blue"]),
        ("annotation_spec_id=4", []),
    ],
)
def test_evaluations_can_be_filtered(catalog: Catalog, names: list[str], text: str, labels: list[str]) -> None:
    listed = catalog.list_evaluations(make_listing(names[0], filter=text)).model_evaluation

    assert [each.display_name for each in listed] == labels


def test_evaluations_are_listed_in_pages(catalog: Catalog, names: list[str]) -> None:
    first = catalog.list_evaluations(make_listing(names[0], page_size=3))
    second = catalog.list_evaluations(make_listing(names[0], page_size=3, page_token=first.next_page_token))

    assert [len(first.model_evaluation), len(second.model_evaluation)] == [3, 1]
    assert second.next_page_token == ""


def test_listing_and_getting_an_evaluation_return_the_same_resource(catalog: Catalog, names: list[str]) -> None:
    listed = catalog.list_evaluations(make_listing(names[0])).model_evaluation[2]

    assert catalog.get_evaluation(make_get(listed.name)) == listed


def test_evaluation_names_are_stable(catalog: Catalog, names: list[str]) -> None:
    assert catalog.list_evaluations(make_listing(names[0])) == catalog.list_evaluations(make_listing(names[0]))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("models/x", r"Expected projects/P/.*modelEvaluations/ID"),
        (f"{LOCATION}/models/ICN1/modelEvaluations/", r"Expected projects/P/.*modelEvaluations/ID"),
        (f"{LOCATION}/models/ICN1/modelEvaluations/1/2", r"Expected projects/P/.*modelEvaluations/ID"),
        (f"{LOCATION}/models/ICN1/modelEvaluations/1", "Model not found"),
        (f"{LOCATION}/models/1/modelEvaluations/1", "should start with 3 letters"),
    ],
)
def test_a_malformed_evaluation_name_is_rejected(catalog: Catalog, name: str, reason: str) -> None:
    with pytest.raises(ApiError, match=reason):
        catalog.get_evaluation(make_get(name))


def test_an_unknown_evaluation_is_not_found(catalog: Catalog, names: list[str]) -> None:
    with pytest.raises(ApiError, match="ModelEvaluation not found"):
        catalog.get_evaluation(make_get(f"{names[0]}/modelEvaluations/404"))


@pytest.mark.parametrize("parent", ["", LOCATION, f"{LOCATION}/models/", f"{LOCATION}/models/1"])
def test_a_parent_that_is_not_a_model_is_rejected(catalog: Catalog, parent: str) -> None:
    with pytest.raises(ApiError) as caught:
        catalog.list_evaluations(make_listing(parent))

    assert caught.value.details[0].field_violations[0].field == "parent"
