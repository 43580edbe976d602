"""REST responses have the fields and types that Google documents; see bodies/README.md."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders.exports import make_picture
from tests.conformance.conftest import LOCATION, Running
from tests.conformance.shapes import describe, find_missing, find_undocumented

BODIES = {file.stem: json.loads(file.read_text()) for file in sorted(Path(__file__).parent.glob("bodies/*.json"))}


@pytest.fixture(scope="module")
def running(evaluated: Running) -> Running:
    """The service with an evaluation, in the place of the usual one."""
    return evaluated


@pytest.fixture(scope="module")
def words(running: Running) -> dict[str, str]:
    """Values of the placeholders in braces."""
    model = running.service.models[0]
    name = running.name_of("colors/v1")
    return {
        "{model}": name,
        "{dataset}": f"{LOCATION}/datasets/{model.dataset_id}",
        "{evaluation}": f"{name}/modelEvaluations/{model.evaluations[0].name}",
        "{image}": base64.b64encode(make_picture()).decode(),
    }


@pytest.fixture(params=BODIES)
def call(request: pytest.FixtureRequest) -> Any:
    """Each file in turn."""
    return BODIES[request.param]


@pytest.fixture
def answer(call: Any, running: Running, words: dict[str, str]) -> Any:
    """The service's response to the call."""
    text = json.dumps([call["path"], call["body"]])
    for word, value in words.items():
        text = text.replace(word, value)
    path, body = json.loads(text)
    url = f"http://127.0.0.1:{running.rest_port}{path}"
    return httpx.request(call["verb"], url, json=body, trust_env=False).json()


def test_a_response_has_all_documented_fields(call: Any, answer: Any) -> None:
    assert find_missing(answer, describe(call["at_least"])) == []


def test_a_response_has_no_undocumented_fields(call: Any, answer: Any) -> None:
    assert find_undocumented(answer, call["documented"]) == []


def test_the_recorded_response_of_google_is_documented(call: Any) -> None:
    assert find_undocumented(call["at_least"], call["documented"]) == []


def test_every_recorded_body_names_its_source(call: Any) -> None:
    assert [source for source in call["source"] if "https://" in source]


SHAPE = {"names": ["string"], "size": {"width": "integer", "share": "number"}, "done": "boolean"}


def test_a_response_of_the_documented_shape_matches() -> None:
    answer = {"names": ["a", "b"], "size": {"width": 3, "share": 1}, "done": True}

    assert (find_missing(answer, SHAPE), find_undocumented(answer, SHAPE)) == ([], [])


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ({"names": ["a"], "size": {"width": 3, "share": 0.5}}, ["answer.done"]),
        ({"names": [], "size": {"width": 3, "share": 0.5}, "done": False}, ["answer.names"]),
        ({"names": ["a"], "size": {"width": "3", "share": 0.5}, "done": False}, ["answer.size.width"]),
        ({"names": ["a"], "size": [], "done": 1}, ["answer.size", "answer.done"]),
        ([], ["answer"]),
    ],
)
def test_an_absent_field_or_one_of_another_type_is_missing(answer: Any, missing: list[str]) -> None:
    assert find_missing(answer, SHAPE) == missing


@pytest.mark.parametrize(
    ("answer", "undocumented"),
    [
        ({"title": "x"}, ["answer.title"]),
        ({"names": ["a", 1]}, ["answer.names[]"]),
        ({"size": {"width": True}}, ["answer.size.width"]),
        ({"size": {"width": 2.5}}, ["answer.size.width"]),
        ("x", ["answer"]),
    ],
)
def test_an_unknown_field_or_one_of_another_type_is_undocumented(answer: Any, undocumented: list[str]) -> None:
    assert find_undocumented(answer, SHAPE) == undocumented
