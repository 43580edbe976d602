"""The request in Google's guide (`Making an online prediction`, with curl), posted unchanged."""

import base64

import httpx
import pytest

from lib.settings import ROOT
from tests.conformance.conftest import Running


def make_guide_body(image: bytes) -> str:
    """Return the request body in the guide with an image filled in."""
    content = base64.b64encode(image).decode()
    return f"""{{
        "payload" : {{
          "image": {{
            "imageBytes" : "{content}"
          }}
        }}
      }}"""


def test_the_request_in_the_guide_gets_the_response_in_the_guide(running: Running) -> None:
    url = f"http://127.0.0.1:{running.rest_port}/v1/{running.name_of('imagenet/v1')}:predict"
    headers = {"Authorization": "Bearer not-looked-at", "Content-Type": "application/json"}
    body = make_guide_body((ROOT / "samples/espresso.jpg").read_bytes())

    answer = httpx.post(url, content=body, headers=headers, trust_env=False).json()

    # models/README.md: espresso, about 0.95
    score = pytest.approx(0.95, abs=0.05)
    assert answer == {
        "payload": [{"annotationSpecId": "967", "displayName": "espresso", "classification": {"score": score}}]
    }
