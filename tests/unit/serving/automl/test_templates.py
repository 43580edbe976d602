"""Path templates with variables."""

import pytest

from lib.serving.http_requests import parse_template

PREDICT = parse_template("/v1/{endpoint=projects/*/locations/*/endpoints/*}:predict")


def test_a_matching_path_fills_the_variables() -> None:
    variables = PREDICT.match("/v1/projects/p/locations/eu/endpoints/1:predict")

    assert variables == {"endpoint": "projects/p/locations/eu/endpoints/1"}


def test_a_template_without_variables_matches_only_its_own_path() -> None:
    template = parse_template("/v1/models")

    assert (template.match("/v1/models"), template.match("/v1/model")) == ({}, None)


@pytest.mark.parametrize(
    "path",
    ["/v1/projects/p/locations/eu/endpoints/1", "/v1/projects/p/q/locations/eu/endpoints/1:predict", "", "/v1"],
)
def test_a_path_that_does_not_match_returns_none(path: str) -> None:
    assert PREDICT.match(path) is None
