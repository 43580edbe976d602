"""The stand-in for Vertex AI on a real port, over tiny exports."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lib.serving.automl.rest_front import RestServer
from lib.serving.service import PredictionService
from tests.builders.checked_exports import make_service
from tests.builders.exports import NetworkPlan, make_export
from tests.integration.serving.vertex.asking import LOCATION


@pytest.fixture
def service(tmp_path: Path) -> Iterator[PredictionService]:
    """Family `colors` with versions v1, v2 and v10, multi-label family `tags` with Final, and the fault models."""
    for version in ("v1", "v2", "v10"):
        make_export(tmp_path / "colors" / version)
    make_export(tmp_path / "tags" / "Final", NetworkPlan(head="LOGISTIC"))
    service = make_service(tmp_path, fault_wait_s=0)
    yield service
    service.stop()


@pytest.fixture
def api(service: PredictionService) -> Iterator[httpx.Client]:
    """A client of the stand-in, with paths relative to a project and region."""
    server = RestServer(service.vertex_app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/v1/{LOCATION}", trust_env=False, timeout=30) as client:
        yield client
    server.stop()
