"""Exports to upload, and a service to upload them to."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.serving import PredictionService
from lib.serving.service import CHECKED_FILE
from tests.builders.checked_exports import make_service
from tests.builders.exports import make_export

Files = dict[str, bytes]


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """A models folder with one version."""
    make_export(tmp_path / "models/colors/v1")
    return tmp_path / "models"


@pytest.fixture
def service(models_dir: Path) -> Iterator[PredictionService]:
    service = make_service(models_dir)
    yield service
    service.stop()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """The files of an export that can be served."""
    folder = make_export(tmp_path / "made")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def pack(files: Files, compression: int = zipfile.ZIP_DEFLATED) -> Files:
    """The files in a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return {"export.zip": stream.getvalue()}


def find_left(models_dir: Path) -> list[str]:
    """Return the content of the models folder except the first version and the record of checks."""
    found = (str(path.relative_to(models_dir)) for path in models_dir.rglob("*"))
    return [path for path in found if not path.startswith("colors/v1") and path not in {"colors", CHECKED_FILE}]
