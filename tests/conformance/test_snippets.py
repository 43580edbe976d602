"""The code samples on the Models page run unchanged and print the predictions of the version."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.providers.resource_names import ResourceName
from lib.serving.automl.api_guard import ApiGuard, ApiRules, Caller, Denial
from lib.serving.automl.rest_front import RestServer
from lib.settings import ROOT
from lib.workflows.snippets.write import Api, Authentication, Language, SnippetTarget, write_snippet
from tests.conformance.conftest import LOCATION, Running
from tests.conformance.find_programs import get_program
from tests.conformance.node_client import FOLDER as NODE_FOLDER
from tests.conformance.node_client import install_packages

_ENDS_WITHIN_S = 120
_COMMANDS = {
    Language.CURL: lambda file: [get_program("bash"), str(file)],
    Language.PYTHON: lambda file: [sys.executable, str(file)],
    Language.NODE: lambda file: [get_program("node"), str(file)],
    Language.JAVA: lambda file: [get_program("java"), str(file)],
}
_NAMES = {
    Language.CURL: "predict.sh",
    Language.PYTHON: "predict.py",
    Language.NODE: "predict.mjs",
    Language.JAVA: "Predict.java",
}


@pytest.fixture(scope="session")
def vertex_url(running: Running) -> Iterator[str]:
    """The URL of the Vertex AI stand-in."""
    rest = RestServer(running.service.vertex_app, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{rest.port}"
    rest.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the image that the samples read and the Node packages."""
    install_packages()
    shutil.copy(ROOT / "samples/espresso.jpg", tmp_path / "image.jpg")
    (tmp_path / "node_modules").symlink_to(NODE_FOLDER / "node_modules")
    return tmp_path


def read_name(text: str) -> ResourceName:
    return ResourceName.parse(text, "models")


def run(language: Language, text: str, folder: Path, token: str = "") -> str:
    """Run a sample in the folder, with the token in its environment, and return its output."""
    file = folder / _NAMES[language]
    file.write_text(text, encoding="utf-8")
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "TOKEN": token}
    done = subprocess.run(
        _COMMANDS[language](file),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_ENDS_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_scores(language: Language, printed: str) -> dict[str, float]:
    """Return scores by label from the JSON of curl and Java, or from the lines of the other samples."""
    if language in {Language.CURL, Language.JAVA}:
        return read_json_scores(json.loads(printed))
    return {label: float(score) for label, score in re.findall(r"^(.*): ([\d.]+)$", printed, re.MULTILINE)}


def read_json_scores(answer: dict[str, list[dict[str, object]]]) -> dict[str, float]:
    if "payload" in answer:
        return {str(each["displayName"]): each["classification"]["score"] for each in answer["payload"]}  # type: ignore[index]
    (prediction,) = answer["predictions"]
    return dict(zip(prediction["displayNames"], prediction["confidences"], strict=True))  # type: ignore[call-overload]


@pytest.mark.parametrize("language", list(Language))
def test_a_sample_for_the_built_in_service_prints_all_scores(
    running: Running, folder: Path, language: Language
) -> None:
    address = SnippetTarget(
        f"http://127.0.0.1:{running.rest_port}", read_name(running.name_of("imagenet/v1")), Authentication.NONE
    )

    scores = read_scores(language, run(language, write_snippet(Api.AUTOML, language, address), folder))

    # models/README.md: about 0.95
    assert scores["espresso"] == pytest.approx(0.95, abs=0.05)
    assert len(scores) == 1000


@pytest.fixture
def guarded_url(running: Running) -> Iterator[str]:
    """The URL of the built-in service that accepts only the token "right"."""

    def identify(token: str, _: str) -> Caller:
        return Caller(token=1) if token == "right" else Caller(denial=Denial("Show the token.", is_known=False))

    rules = ApiRules(600, identify)
    rest = RestServer(ApiGuard(running.service.rest_app, rules), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{rest.port}"
    rest.stop()


@pytest.mark.parametrize("language", list(Language))
def test_a_sample_for_a_service_with_sign_in_sends_the_token_of_its_environment(
    running: Running, guarded_url: str, folder: Path, language: Language
) -> None:
    address = SnippetTarget(guarded_url, read_name(running.name_of("imagenet/v1")), Authentication.OWN_TOKEN)
    program = write_snippet(Api.AUTOML, language, address)

    scores = read_scores(language, run(language, program, folder, token="right"))

    assert len(scores) == 1000


@pytest.mark.parametrize("language", list(Language))
def test_a_sample_for_vertex_ai_prints_all_scores(vertex_url: str, folder: Path, language: Language) -> None:
    address = SnippetTarget(vertex_url, ResourceName.parse(find_endpoint(vertex_url), "endpoints"), Authentication.NONE)

    scores = read_scores(language, run(language, write_snippet(Api.VERTEX, language, address), folder))

    assert scores["espresso"] == pytest.approx(0.95, abs=0.05)
    assert len(scores) == 1000


def find_endpoint(url: str) -> str:
    """The endpoint of imagenet v1."""
    command = [get_program("curl"), "-s", "--noproxy", "*", f"{url}/v1/{LOCATION}/endpoints?pageSize=100"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return next(str(each["name"]) for each in listed["endpoints"] if each["displayName"] == "imagenet-v1")


@pytest.mark.parametrize("api", list(Api))
def test_samples_for_google_send_a_token_and_are_valid_programs(folder: Path, api: Api) -> None:
    at_google = SnippetTarget(
        "https://eu-automl.googleapis.com", read_name(f"{LOCATION}/models/ICN1"), Authentication.GOOGLE
    )

    written = {language: write_snippet(api, language, at_google) for language in Language}

    assert all("oogle" in written[language] or "TOKEN" in written[language] for language in Language)
    compile(written[Language.PYTHON], "predict.py", "exec")
    file = folder / "predict.mjs"
    file.write_text(written[Language.NODE], encoding="utf-8")
    subprocess.run([get_program("node"), "--check", str(file)], check=True)
    subprocess.run([get_program("bash"), "-n"], input=written[Language.CURL], text=True, check=True)


def test_a_google_token_reaches_the_server(folder: Path) -> None:
    """The samples contain commands that fetch a token; here, a fake gcloud prints one."""
    gcloud = folder / "gcloud"
    gcloud.write_text("#!/bin/sh\necho a-token\n", encoding="utf-8")
    gcloud.chmod(0o700)
    address = SnippetTarget("http://127.0.0.1:1", read_name(f"{LOCATION}/models/ICN1"), Authentication.GOOGLE)
    script = write_snippet(Api.AUTOML, Language.CURL, address).replace("curl -X POST", "printf '%s|'")

    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        [get_program("bash"), "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )

    assert "|Authorization: Bearer a-token|" in done.stdout
