"""The request of Google's guide (`Making an online prediction`, `Using curl`), sent with the real curl."""

import base64
import json
import shlex
import subprocess
from typing import Any

import pytest

from lib.settings import ROOT
from tests.builders.exports import make_picture
from tests.conformance.conftest import LOCATION, Running
from tests.conformance.find_programs import get_program

BOTH_VERSIONS = pytest.mark.parametrize("version", ["v1", "v1beta1"])


def make_guide_command(url: str, image: str) -> str:
    """Return the guide's command with a URL and an image filled in; `-s` hides curl's progress."""
    return f"""{shlex.quote(get_program("curl"))} -s --noproxy '*' -X POST \\
  -H "Authorization: Bearer not-looked-at" \\
  -H "Content-Type: application/json" {url} \\
  -d '{{
        "payload" : {{
          "image": {{
            "imageBytes" : "{image}"
          }}
        }}
      }}'"""


def ask(command: str) -> Any:
    """Run the command and return the JSON it prints."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60)  # noqa: S607
    return json.loads(done.stdout)


def url_of(running: Running, version: str, model: str) -> str:
    return f"http://127.0.0.1:{running.rest_port}/{version}/{model}:predict"


@BOTH_VERSIONS
def test_the_command_in_the_guide_returns_labels_with_scores(running: Running, version: str) -> None:
    image = base64.b64encode((ROOT / "samples/espresso.jpg").read_bytes()).decode()

    answer = ask(make_guide_command(url_of(running, version, running.name_of("imagenet/v1")), image))

    # models/README.md: espresso, about 0.95
    score = pytest.approx(0.95, abs=0.05)
    assert answer == {
        "payload": [{"annotationSpecId": "967", "displayName": "espresso", "classification": {"score": score}}]
    }


@BOTH_VERSIONS
def test_the_command_in_the_guide_returns_a_google_error_for_an_unknown_model(running: Running, version: str) -> None:
    image = base64.b64encode(make_picture()).decode()

    answer = ask(make_guide_command(url_of(running, version, f"{LOCATION}/models/ICN404"), image))

    assert (answer["error"]["code"], answer["error"]["status"]) == (404, "NOT_FOUND")


# The guide's own example of an id has no letters: one of before AutoML Vision had them.
@BOTH_VERSIONS
def test_the_model_id_in_the_guide_gets_the_automl_error_message(running: Running, version: str) -> None:
    name = "projects/434039606874/locations/us-central1/models/3745331181667467569"

    answer = ask(make_guide_command(url_of(running, version, name), base64.b64encode(make_picture()).decode()))

    assert answer["error"]["message"] == "Model ID is invalid. It should start with 3 letters."
