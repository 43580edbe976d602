"""Models and datasets as the API returns them."""

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from google.cloud.automl_v1 import types

from lib.serving.api_errors import ApiError
from lib.serving.automl.catalog import Catalog
from lib.serving.automl.deployment_states import DeploymentStates
from lib.serving.models.served_models import ServedModel
from tests.builders.checked_exports import read_library
from tests.builders.exports import make_export

LOCATION = "projects/p/locations/eu"


@pytest.fixture
def catalog(models: tuple[ServedModel, ...]) -> Catalog:
    """The catalog of `models`, all deployed."""
    return Catalog(models, DeploymentStates())


def make_listing(kind: Any = types.ListModelsRequest, **fields: Any) -> Any:
    return kind.pb()(**{"parent": LOCATION} | fields)


def test_a_model_is_described_as_automl_describes_its_own(catalog: Catalog, models: tuple[ServedModel, ...]) -> None:
    name = f"{LOCATION}/models/{models[0].model_id}"

    model = catalog.get_model(types.GetModelRequest.pb()(name=name))

    assert (model.name, model.display_name) == (name, "v1")
    assert model.dataset_id == models[0].dataset_id
    assert model.etag == models[0].export.etag
    assert model.image_classification_model_metadata.model_type == "mobile-low-latency-1"
    assert model.create_time.ToDatetime(UTC) == models[0].export.changed_at
    assert model.update_time == model.create_time


def test_a_model_description_includes_the_deployment_state(models: tuple[ServedModel, ...]) -> None:
    deployments = DeploymentStates()
    catalog = Catalog(models, deployments)

    deployments.undeploy(models[0].model_id)
    states = [model.deployment_state for model in catalog.list_models(make_listing()).model]

    assert states == [types.Model.DeploymentState.UNDEPLOYED, types.Model.DeploymentState.DEPLOYED]


def test_models_are_listed_in_pages(catalog: Catalog, models: tuple[ServedModel, ...]) -> None:
    first = catalog.list_models(make_listing(page_size=1))
    second = catalog.list_models(make_listing(page_size=1, page_token=first.next_page_token))

    assert [model.name for page in (first, second) for model in page.model] == [
        f"{LOCATION}/models/{model.model_id}" for model in models
    ]
    assert not second.next_page_token


def test_models_are_filtered_by_dataset(catalog: Catalog, models: tuple[ServedModel, ...]) -> None:
    listed = catalog.list_models(make_listing(filter=f"dataset_id={models[1].dataset_id}")).model

    assert [model.dataset_id for model in listed] == [models[1].dataset_id]


def test_a_dataset_is_a_family_and_has_its_classification_type(catalog: Catalog) -> None:
    datasets = catalog.list_datasets(make_listing(types.ListDatasetsRequest)).datasets

    kinds = [dataset.image_classification_dataset_metadata.classification_type for dataset in datasets]
    assert [dataset.display_name for dataset in datasets] == ["colors", "tags"]
    assert kinds == [types.ClassificationType.MULTICLASS, types.ClassificationType.MULTILABEL]


def test_versions_of_one_family_share_a_dataset(tmp_path: Path) -> None:
    make_export(tmp_path / "pets" / "v1")
    make_export(tmp_path / "pets" / "v2")
    catalog = Catalog(read_library(tmp_path).models, DeploymentStates())

    assert len(catalog.list_datasets(make_listing(types.ListDatasetsRequest)).datasets) == 1


def test_getting_a_listed_dataset_returns_it(catalog: Catalog) -> None:
    listed = catalog.list_datasets(make_listing(types.ListDatasetsRequest)).datasets[1]

    assert catalog.get_dataset(types.GetDatasetRequest.pb()(name=listed.name)) == listed


def test_unknown_models_and_datasets_are_not_found(catalog: Catalog) -> None:
    with pytest.raises(ApiError, match="Model not found"):
        catalog.get_model(types.GetModelRequest.pb()(name=f"{LOCATION}/models/ICN1"))
    with pytest.raises(ApiError, match="Dataset not found"):
        catalog.get_dataset(types.GetDatasetRequest.pb()(name=f"{LOCATION}/datasets/ICN1"))


def test_lists_accept_only_the_three_regions(catalog: Catalog) -> None:
    with pytest.raises(ApiError, match="no region 'mars'"):
        catalog.list_models(make_listing(parent="projects/p/locations/mars"))
