"""Valid and invalid names of Google's resources."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import InvalidName
from lib.providers.guarded_requests import CREDENTIAL_HOSTS, REGIONS
from lib.providers.resource_names import Location, ResourceName, check_project
from tests.builders.hostile_names import HOSTILE_PARTS

HERE = Location("my-project", "us-central1")


@pytest.mark.parametrize(
    "project",
    ["my-project", "abcdef", "a" * 30, "p-12-3", "example.com:my-project", "a.b-c.co.uk:my-project", "764086051850"],
)
def test_a_project_may_be_an_id_a_domain_scoped_id_or_a_number(project: str) -> None:
    check_project(project)


@pytest.mark.parametrize("project", [
    "short", "a" * 31, "1project", "-project", "my-project-", "My-Project", "my_project", "my.project", "my project",
    "example.com:", ":my-project", "com:my-project", "example.com:1project", "a:b:my-project", "0123456", "1" * 20,
    *HOSTILE_PARTS,
])  # fmt: skip
def test_an_invalid_project_is_rejected(project: str) -> None:
    with pytest.raises(InvalidName):
        check_project(project)


@pytest.mark.parametrize(
    ("name", "collection"),
    [
        ("projects/my-project/locations/us-central1/models/ICN123", "models"),
        ("projects/example.com:my-project/locations/eu/models/ICN123", "models"),
        ("projects/764086051850/locations/europe-west4/models/123@2", "models"),
        ("projects/my-project/locations/us-central1/models/123@2/evaluations/5", "evaluations"),
        ("projects/my-project/locations/us-central1/models/123/evaluations/5/slices/6", "slices"),
        ("projects/my-project/locations/us-central1/endpoints/123", "endpoints"),
        ("projects/my-project/locations/us-central1/endpoints/123/operations/7", "operations"),
        ("projects/my-project/locations/us-central1/models/123/operations/7", "operations"),
        ("projects/my-project/locations/us-central1/operations/ICN7", "operations"),
        ("projects/my-project/locations/us-central1/trainingPipelines/8", "trainingPipelines"),
        ("projects/my-project/locations/local/datasets/ICN9", "datasets"),
    ],
)
def test_a_valid_name_round_trips(name: str, collection: str) -> None:
    assert str(ResourceName.parse(name, collection)) == name


@pytest.mark.parametrize("name", [
    "", "projects", "projects/my-project", "projects/my-project/locations/us-central1",
    "projects/my-project/locations/us-central1/models", "projects/my-project/locations/us-central1/models/",
    "projects/my-project/locations/us-central1/endpoints/1",
    "projects/my-project/locations/us-central1/models/1/models/2",
    "projects/my-project/locations/us-central1/models/1@", "projects/my-project/locations/us-central1/models/@1",
    "projects/my-project/locations/us-central1/models/1@2@3", "projects/my-project/locations/mars/models/1",
    "projects/my-project/locations/US-CENTRAL1/models/1", "project/my-project/locations/us-central1/models/1",
    "/projects/my-project/locations/us-central1/models/1", "projects/my-project/locations/us-central1/models/1/",
    "projects/my-project/locations/us-central1/models/" + "1" * 129, "x" * 10_000_000, None, 7, [],
])  # fmt: skip
def test_a_malformed_model_name_is_rejected(name: object) -> None:
    with pytest.raises(InvalidName):
        ResourceName.parse(name, "models")


@pytest.mark.parametrize("part", HOSTILE_PARTS)
@pytest.mark.parametrize(
    "name",
    [
        "{part}",
        "projects/{part}/locations/us-central1/models/1",
        "projects/my-project/locations/{part}/models/1",
        "projects/my-project/locations/us-central1/models/{part}!",
        "projects/my-project/locations/us-central1/{part}/1",
        "projects/my-project/locations/us-central1/models/1{part}!",
    ],
)
def test_no_part_of_a_name_may_change_the_request_path(name: str, part: str) -> None:
    with pytest.raises(InvalidName):
        ResourceName.parse(name.format(part=part), "models")


@given(
    st.lists(
        st.sampled_from(
            ["projects", "my-project", "locations", "us-central1", "models", "1", "@", "/", "#", "%2F", "é"]
        ),
        max_size=12,
    ).map("/".join)
    | st.text()
)
def test_any_text_is_rejected_or_has_no_path_delimiters(text: str) -> None:
    try:
        name = ResourceName.parse(text, "models")
    except InvalidName:
        return

    assert str(name) == text
    assert re.fullmatch(r"[A-Za-z0-9/@_.:-]+", text)
    assert ".." not in text


@pytest.mark.parametrize(("project", "region", "covered"), [
    ("my-project", "us-central1", True),
    ("764086051850", "us-central1", True),
    ("other-project", "us-central1", False),
    ("my-project", "europe-west4", False),
])  # fmt: skip
def test_a_response_may_use_the_project_number_in_the_same_region(project: str, region: str, covered: bool) -> None:
    assert HERE.covers(Location(project, region)) is covered


def test_different_project_numbers_are_different_projects() -> None:
    assert not Location("764086051850", "eu").covers(Location("764086051851", "eu"))


def test_every_host_that_receives_credentials_belongs_to_google() -> None:
    assert all(re.fullmatch(r"[a-z0-9-]+\.googleapis\.com", host) for host in CREDENTIAL_HOSTS)
    assert all(re.fullmatch(r"[a-z0-9-]+", region) for region in REGIONS)
