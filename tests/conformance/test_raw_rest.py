"""The request of Google's guide (`Making an online prediction`, with curl), posted as it stands there."""

import base64

import httpx
import pytest

from lib.settings import ROOT
from tests.conformance.conftest import Running


def make_guide_body(image: bytes) -> str:
    """The body that the guide shows, with an image for its dots."""
    content = base64.b64encode(image).decode()
    return f"""{{
        "payload" : {{
          "image": {{
            "imageBytes" : "{content}"
          }}
        }}
      }}"""


def test_the_guide_s_request_gets_the_guide_s_answer(running: Running) -> None:
    url = f"http://127.0.0.1:{running.rest_port}/v1/{running.name_of('imagenet/v1')}:predict"
    headers = {"Authorization": "Bearer not-looked-at", "Content-Type": "application/json"}
    body = make_guide_body((ROOT / "samples/espresso.jpg").read_bytes())

    answer = httpx.post(url, content=body, headers=headers, trust_env=False).json()

    # models/README.md: espresso, about 0.95
    score = pytest.approx(0.95, abs=0.05)
    assert answer == {
        "payload": [{"annotationSpecId": "967", "displayName": "espresso", "classification": {"score": score}}]
    }
