"""Families as models, with their versions in order."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.registry import ModelRegistry, VertexModel
from lib.serving.vertex.vertex_names import VertexModelName


def make_model(served: ServedModel, *versions: str) -> VertexModel:
    """A model whose versions are `served` under other names."""
    (model,) = ModelRegistry([replace(served, version=version) for version in versions]).models
    return model


@pytest.mark.parametrize(
    ("folders", "ordered"),
    [
        (["v10", "v2", "v1"], ["v1", "v2", "v10"]),
        (["2024-10-1", "2024-9-30"], ["2024-9-30", "2024-10-1"]),
        (["b", "a1", "a", "1", "a01"], ["1", "a", "a1", "a01", "b"]),
    ],
)
def test_version_names_are_sorted_in_natural_order(
    models: tuple[ServedModel, ...], folders: list[str], ordered: list[str]
) -> None:
    versions = make_model(models[0], *folders).versions

    assert [version.served.version for version in versions] == ordered
    assert [version.id for version in versions] == [str(number) for number in range(1, len(folders) + 1)]


@pytest.mark.parametrize(
    ("folder", "aliases"),
    [
        ("v1", ("default", "v1")),
        ("a", ("default",)),
        ("1", ("default",)),
        ("V1", ("default",)),
        ("v1-", ("default",)),
        ("v1_a", ("default",)),
        ("vA-1", ("default", "vA-1")),
        ("a" * 128, ("default", "a" * 128)),
        ("a" * 129, ("default",)),
        ("default", ("default",)),
    ],
)
def test_a_folder_name_that_is_valid_in_vertex_ai_becomes_an_alias(
    models: tuple[ServedModel, ...], folder: str, aliases: tuple[str, ...]
) -> None:
    assert make_model(models[0], folder).default.aliases == aliases


def test_exactly_one_version_is_the_default(models: tuple[ServedModel, ...]) -> None:
    versions = make_model(models[0], "a1", "default").versions

    assert [version.aliases for version in versions] == [("default", "a1"), ()]


def test_the_times_of_a_model_come_from_its_first_and_last_version(models: tuple[ServedModel, ...]) -> None:
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (2, 1, 3)]
    served = [
        replace(models[0], version=f"v{number}", export=replace(models[0].export, changed_at=day))
        for number, day in enumerate(days)
    ]

    (model,) = ModelRegistry(served).models

    assert (model.created_at, model.updated_at) == (days[1], days[2])


def test_ids_do_not_change_when_a_version_is_added(models: tuple[ServedModel, ...]) -> None:
    assert make_model(models[0], "v1").id == make_model(models[0], "v1", "v2").id


def test_unknown_models_are_not_found(models: tuple[ServedModel, ...]) -> None:
    registry = ModelRegistry(models)

    with pytest.raises(ApiError, match="Model `1` not found"):
        registry.get_model(VertexModelName("1"))
    with pytest.raises(ApiError, match=r"ModelVersion .*@9` not found"):
        registry.get_version(VertexModelName(registry.models[0].id, "9"))
