"""Real parts for the tests of the service: folders of tiny exports, and a model that is served."""

from pathlib import Path

import pytest

from lib.serving.models.served_models import ServedModel
from tests.builders.checked_exports import read_library
from tests.builders.exports import NetworkPlan, make_export


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """Family `colors` with a single-label version v1, and family `tags` with a multi-label version v1."""
    make_export(tmp_path / "colors" / "v1")
    make_export(tmp_path / "tags" / "v1", NetworkPlan(head="LOGISTIC"))
    return tmp_path


@pytest.fixture
def models(models_dir: Path) -> tuple[ServedModel, ...]:
    """What is served of `models_dir`: colors v1, then tags v1."""
    return read_library(models_dir).models
