"""Evaluations through Google's official clients, both API versions, gRPC and REST."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions

from tests.builders.evaluations import MATRIX, OVERALL_PRECISION
from tests.conformance.conftest import LOCATION, Clients, Running, connect


@pytest.fixture(scope="module")
def running(evaluated: Running) -> Running:
    """The service with an evaluation, in the place of the usual one."""
    return evaluated


@pytest.fixture(scope="module")
def all_clients(running: Running) -> Iterator[dict[str, Clients]]:
    """All clients of the service with evaluations."""
    with connect(running) as clients:
        yield clients


def find(clients: Clients, parent: str, **fields: Any) -> list[Any]:
    """Return all evaluations of all pages; the v1beta1 client accepts a filter only in a request object."""
    return list(clients.models.list_model_evaluations({"parent": parent, "filter": ""} | fields))


def test_the_overall_evaluation_comes_from_the_file(clients: Clients, running: Running) -> None:
    (overall,) = find(clients, running.name_of("colors/v1"), filter="NOT annotation_spec_id:*")

    metrics = overall.classification_evaluation_metrics
    assert (overall.annotation_spec_id, overall.evaluated_example_count) == ("", 30)
    assert [list(row.example_count) for row in metrics.confusion_matrix.row] == MATRIX
    assert list(metrics.confusion_matrix.display_name) == ["red", "green", "blue"]
    assert metrics.confidence_metrics_entry[0].precision == pytest.approx(OVERALL_PRECISION)
    assert metrics.confidence_metrics_entry[0].true_negative_count == 55
    assert metrics.log_loss == 1.25


def test_evaluations_of_labels_are_listed_over_several_pages(clients: Clients, running: Running) -> None:
    listed = find(clients, running.name_of("colors/v1"), filter="annotation_spec_id:*", page_size=2)

    assert [(each.annotation_spec_id, each.display_name) for each in listed] == [
        ("0", "red"),
        ("1", "green"),
        ("2", "blue"),
    ]


def test_listing_and_getting_an_evaluation_return_the_same_resource(clients: Clients, running: Running) -> None:
    *_, blue = find(clients, running.name_of("colors/v1"))

    assert blue.name.startswith(f"{running.name_of('colors/v1')}/modelEvaluations/")
    assert clients.models.get_model_evaluation(name=blue.name) == blue


def test_a_version_without_an_evaluation_has_an_empty_list(clients: Clients, running: Running) -> None:
    assert find(clients, running.name_of("colors/v2")) == []


def test_a_dash_lists_the_evaluations_of_all_models(clients: Clients) -> None:
    listed = find(clients, f"{LOCATION}/models/-", filter="annotation_spec_id=2")

    assert [each.display_name for each in listed] == ["blue"]


def test_an_unknown_evaluation_is_not_found(clients: Clients, running: Running) -> None:
    with pytest.raises(exceptions.NotFound, match="ModelEvaluation not found"):
        clients.models.get_model_evaluation(name=f"{running.name_of('colors/v1')}/modelEvaluations/404")


def test_an_unsupported_filter_is_an_invalid_argument(clients: Clients, running: Running) -> None:
    with pytest.raises(exceptions.BadRequest, match="is not supported"):
        find(clients, running.name_of("colors/v1"), filter="display_name=red")
