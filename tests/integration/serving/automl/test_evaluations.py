"""Evaluations as the API gives them out."""

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


def test_all_are_listed_under_the_name_that_was_asked(catalog: Catalog, names: list[str]) -> None:
    listed = catalog.list_evaluations(make_listing(names[0])).model_evaluation

    assert [each.display_name for each in listed] == ["", "red", "green", "blue"]
    assert {each.name.rpartition("/")[0] for each in listed} == {f"{names[0]}/modelEvaluations"}


def test_a_version_without_a_file_has_none(catalog: Catalog, names: list[str]) -> None:
    assert len(catalog.list_evaluations(make_listing(names[1])).model_evaluation) == 0


def test_a_dash_stands_for_all_models_of_the_region(catalog: Catalog, names: list[str]) -> None:
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
def test_a_filter_chooses(catalog: Catalog, names: list[str], text: str, labels: list[str]) -> None:
    listed = catalog.list_evaluations(make_listing(names[0], filter=text)).model_evaluation

    assert [each.display_name for each in listed] == labels


def test_pages_follow_each_other(catalog: Catalog, names: list[str]) -> None:
    first = catalog.list_evaluations(make_listing(names[0], page_size=3))
    second = catalog.list_evaluations(make_listing(names[0], page_size=3, page_token=first.next_page_token))

    assert [len(first.model_evaluation), len(second.model_evaluation)] == [3, 1]
    assert second.next_page_token == ""


def test_a_listed_evaluation_is_the_one_that_is_got(catalog: Catalog, names: list[str]) -> None:
    listed = catalog.list_evaluations(make_listing(names[0])).model_evaluation[2]

    assert catalog.get_evaluation(make_get(listed.name)) == listed


def test_asking_twice_gives_the_same_names(catalog: Catalog, names: list[str]) -> None:
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
def test_a_name_of_nothing_is_refused(catalog: Catalog, name: str, reason: str) -> None:
    with pytest.raises(ApiError, match=reason):
        catalog.get_evaluation(make_get(name))


def test_an_evaluation_that_is_not_there_is_not_found(catalog: Catalog, names: list[str]) -> None:
    with pytest.raises(ApiError, match="ModelEvaluation not found"):
        catalog.get_evaluation(make_get(f"{names[0]}/modelEvaluations/404"))


@pytest.mark.parametrize("parent", ["", LOCATION, f"{LOCATION}/models/", f"{LOCATION}/models/1"])
def test_a_parent_that_is_no_model_is_refused(catalog: Catalog, parent: str) -> None:
    with pytest.raises(ApiError) as caught:
        catalog.list_evaluations(make_listing(parent))

    assert caught.value.details[0].field_violations[0].field == "parent"
