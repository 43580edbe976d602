"""Routing from HTTP verb and path to a method."""

import pytest

from lib.serving.api_errors import ApiError
from lib.serving.automl.http_rules import get_route

AUTOML = "google.cloud.automl.v1.AutoMl"


@pytest.mark.parametrize(
    ("verb", "path", "method", "variables"),
    [
        ("GET", "/v1/projects/p/locations/eu/models", f"{AUTOML}/ListModels", {"parent": "projects/p/locations/eu"}),
        (
            "GET",
            "/v1/projects/p/locations/eu/models/ICN1",
            f"{AUTOML}/GetModel",
            {"name": "projects/p/locations/eu/models/ICN1"},
        ),
        (
            "POST",
            "/v1beta1/projects/example.com:p/locations/eu/models/ICN1:predict",
            "google.cloud.automl.v1beta1.PredictionService/Predict",
            {"name": "projects/example.com:p/locations/eu/models/ICN1"},
        ),
        (
            "PATCH",
            "/v1/projects/p/locations/eu/datasets/ICN1",
            f"{AUTOML}/UpdateDataset",
            {"dataset.name": "projects/p/locations/eu/datasets/ICN1"},
        ),
        (
            "GET",
            "/v1beta1/projects/p/locations/eu/operations",
            "google.longrunning.Operations/ListOperations",
            {"name": "projects/p/locations/eu"},
        ),
    ],
)
def test_a_path_selects_its_method_and_fills_the_request_fields(
    verb: str, path: str, method: str, variables: dict[str, str]
) -> None:
    route = get_route(verb, path)

    assert (route.rule.method, route.variables) == (method, variables)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/"),
        ("GET", "/v2/projects/p/locations/eu/models"),
        ("PUT", "/v1/projects/p/locations/eu/models"),
        ("GET", "/v1/projects/p/q/locations/eu/models"),
        ("GET", "/v1/projects//locations/eu/models"),
        ("GET", "/v1/projects/p/locations/eu/models/"),
        ("POST", "/v1/projects/p/locations/eu/models/ICN1:explain"),
        ("GET", "/v1/projects/p/locations/eu/models\n"),
    ],
)
def test_an_unknown_path_is_not_found(verb: str, path: str) -> None:
    with pytest.raises(ApiError, match="No method matches"):
        get_route(verb, path)
